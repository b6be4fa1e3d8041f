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

/*
 * Days without a return, of a history that knows only amounts: almost all there are.
 * That makes it two to three times faster than a profile, and most where the amounts
 * are not asked for and only passed over.  False where anything else comes up, damage
 * included, of which the profile then tells.
 */
static inline bool
plain_buying(const uint8_t *p, const uint8_t *end, int32_t as_of, bool amounts, cv_buying *buying)
{
	int64_t		day = 0;

	if (end - p < 4 || p[0] != CV_HISTORY_FORMAT || p[1] != 0 || p[2] > CV_MAX_SCALE)
		return false;
	*buying = (cv_buying) {.scale = p[2]};
	for (p += 3; p < end;)
	{
		uint64_t	key,
					orders,
					returns,
					amount = 0;

		if ((p = cv_get_u64(p, end, &key)) == NULL || key > UINT64_C(1) << 34)
			return false;
		if ((key & 1) &&
			((p = cv_get_u64(p, end, &orders)) == NULL || orders > INT64_MAX ||
			 (p = cv_get_u64(p, end, &returns)) == NULL || returns != 0))
			return false;
		day = buying->days.n > 0 ? day + (int64_t) (key >> 1) + 1 : cv_unfold64(key >> 1);
		if (day < CV_MIN_DAY || day > CV_MAX_DAY)
			return false;

		/* the lowest bit is the sign */
		if (amounts)
		{
			if ((p = cv_get_u64(p, end, &amount)) == NULL || (amount & 1))
				return false;
		}
		else
		{
			const uint8_t *first = p;

			while (p < end && *p >= 0x80)
				p++;
			if (p == end || p - first > 8 || (p > first && *p == 0) || (*first & 1))
				return false;
			p++;
		}
		if (day > as_of)
			break;
		if (buying->days.n++ == 0)
			buying->days.first = (int32_t) day;
		else
			buying->repeat_amount += (cv_int128) (amount >> 1);
		buying->days.last = (int32_t) day;
	}
	return true;
}

static cv_history_status
buying_of_profile(const uint8_t *bytes, size_t size, int32_t as_of, cv_buying *buying)
{
	cv_profile	profile;
	cv_history_status status = cv_history_profile(bytes, size, as_of, &profile);

	*buying = (cv_buying) {
		.days = {profile.purchase_days, profile.first_purchase, profile.last_purchase},
		.repeat_amount = profile.repeat_amount,
		.scale = profile.scale[CV_AMOUNT]
	};
	return status;
}

cv_history_status
cv_history_buying(const uint8_t *bytes, size_t size, int32_t as_of, cv_buying *buying)
{
	if (plain_buying(bytes, bytes + size, as_of, true, buying))
		return buying->days.n > 0 ? CV_HISTORY_OK : CV_HISTORY_EMPTY;
	return buying_of_profile(bytes, size, as_of, buying);
}

cv_history_status
cv_history_purchase_days(const uint8_t *bytes, size_t size, int32_t as_of, cv_buying_days *days)
{
	cv_buying	buying;
	cv_history_status status;

	if (plain_buying(bytes, bytes + size, as_of, false, &buying))
		status = buying.days.n > 0 ? CV_HISTORY_OK : CV_HISTORY_EMPTY;
	else
		status = buying_of_profile(bytes, size, as_of, &buying);
	*days = buying.days;
	return status;
}

/*
 * The mean of n amounts.  Doubles hold 2^53: of a larger amount zeros at the end are
 * dropped first, so that equal means are equal doubles, whatever the scale.
 */
static double
mean_amount(cv_int128 amount, int scale, int64_t n)
{
	while (scale > 0 && cv_abs128(amount) >> 53 != 0 && amount % 10 == 0)
	{
		amount /= 10;
		scale--;
	}
	return (double) amount / ((double) n * (double) cv_power_of_ten(scale));
}

bool
cv_buying_summary(const cv_buying *buying, int32_t as_of, cv_summary *summary)
{
	const cv_buying_days *days = &buying->days;

	if (days->n == 0)
		return false;
	summary->x = days->n - 1;
	summary->t_x_days = days->last - days->first;
	summary->T_days = as_of - days->first;
	summary->m = summary->x > 0 ? mean_amount(buying->repeat_amount, buying->scale, summary->x) : 0;
	return true;
}

bool
cv_history_summary(const uint8_t *bytes, size_t size, int32_t as_of, cv_summary *summary)
{
	cv_buying	buying;

	return cv_history_buying(bytes, size, as_of, &buying) == CV_HISTORY_OK &&
		cv_buying_summary(&buying, as_of, summary);
}
