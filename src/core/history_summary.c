/*
 * history_summary.c - what a history says as of a day.
 */
#include "core/history.h"

#include "core/history_varint.h"

cv_history_status
cv_history_profile(const uint8_t *bytes, size_t size, int32_t as_of, cv_profile *profile)
{
	cv_history_reader reader;
	cv_history_status status;
	cv_day		day;

	*profile = (cv_profile) {0};
	if ((status = cv_history_open(&reader, bytes, size)) != CV_HISTORY_OK)
		return status;
	for (int track = 0; track < CV_TRACKS; track++)
		profile->scale[track] = reader.scale[track];
	while (cv_history_next(&reader, &day) && day.day <= as_of)
	{
		profile->days++;
		profile->orders = (int64_t) ((uint64_t) profile->orders + (uint64_t) day.orders);
		profile->returns = (int64_t) ((uint64_t) profile->returns + (uint64_t) day.returns);
		profile->returned = cv_add128(profile->returned, day.returned);
		profile->missing |= day.missing;
		for (int track = 0; track < CV_TRACKS; track++)
			profile->total[track] = cv_add128(profile->total[track], day.sum[track]);
		if (!cv_day_is_purchase(&day))
			continue;
		if (profile->purchase_days == 0)
			profile->first_purchase = day.day;
		else
			profile->repeat_amount = cv_add128(profile->repeat_amount, day.sum[CV_AMOUNT]);
		profile->purchase_days++;
		profile->last_purchase = day.day;
	}
	if (reader.corrupt)
		return CV_HISTORY_CORRUPT;
	return profile->days > 0 ? CV_HISTORY_OK : CV_HISTORY_EMPTY;
}

bool
cv_profile_summary(const cv_profile *profile, int32_t as_of, cv_summary *summary)
{
	if (profile->purchase_days == 0)
		return false;
	summary->x = profile->purchase_days - 1;
	summary->t_x_days = profile->last_purchase - profile->first_purchase;
	summary->T_days = as_of - profile->first_purchase;
	summary->m = 0;
	if (summary->x > 0)
		summary->m = (double) profile->repeat_amount /
			((double) summary->x * (double) cv_power_of_ten(profile->scale[CV_AMOUNT]));
	return true;
}

bool
cv_history_summary(const uint8_t *bytes, size_t size, int32_t as_of, cv_summary *summary)
{
	cv_profile	profile;

	return cv_history_profile(bytes, size, as_of, &profile) == CV_HISTORY_OK &&
		cv_profile_summary(&profile, as_of, summary);
}
