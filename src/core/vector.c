/*
 * vector.c - the geometry of vectors with unknown axes.
 */
#include "core/vector.h"

#include <math.h>

bool
cv_axes_valid(cv_axes v)
{
	if (v.n < 1 || v.n > CV_MAX_AXES || (v.known & ~cv_axes_mask(v.n)))
		return false;
	for (int i = 0; i < v.n; i++)
		if (!isfinite(v.axis[i]) || (v.axis[i] == 0 && signbit(v.axis[i])) ||
			(!cv_axis_known(v, i) && v.axis[i] != 0))
			return false;
	return true;
}

int
cv_axes_known(cv_axes v)
{
	return __builtin_popcountll((unsigned long long) v.known);
}

/*
 * Square root of the sum of squares of x[0..n), as root * 2^exponent with root
 * in a range whose squares are in range.
 */
static double
scaled_norm(const double *x, int n, int *exponent)
{
	double		largest = 0,
				sum = 0;

	for (int i = 0; i < n; i++)
		largest = fmax(largest, fabs(x[i]));
	*exponent = 0;
	if (largest == 0)
		return 0;
	frexp(largest, exponent);
	for (int i = 0; i < n; i++)
	{
		double		scaled = ldexp(x[i], -*exponent);

		sum += scaled * scaled;
	}
	return sqrt(sum);
}

bool
cv_axes_norm(cv_axes v, double *norm)
{
	int			exponent;
	double		root = scaled_norm(v.axis, v.n, &exponent);

	*norm = ldexp(root, exponent);
	return v.known != 0;
}

bool
cv_axes_magnitude(cv_axes v, double *magnitude)
{
	int			exponent;
	double		root = scaled_norm(v.axis, v.n, &exponent);

	if (v.known == 0)
		return false;
	*magnitude = ldexp(root / sqrt(cv_axes_known(v)), exponent);
	return true;
}

bool
cv_axes_direction(cv_axes v, double *out)
{
	int			exponent;
	double		root = scaled_norm(v.axis, v.n, &exponent);

	if (root == 0)
		return false;
	for (int i = 0; i < v.n; i++)
		out[i] = ldexp(v.axis[i], -exponent) / root;
	return true;
}

bool
cv_axes_angle(cv_axes v, cv_axes w, double *angle)
{
	double		a[CV_MAX_AXES],
				b[CV_MAX_AXES],
				norm_a,
				norm_b,
				apart = 0,
				together = 0;
	int			exponent_a,
				exponent_b,
				n = 0;

	for (int i = 0; i < v.n; i++)
		if (cv_axis_known(v, i) && cv_axis_known(w, i))
		{
			a[n] = v.axis[i];
			b[n++] = w.axis[i];
		}
	norm_a = scaled_norm(a, n, &exponent_a);
	norm_b = scaled_norm(b, n, &exponent_b);
	if (norm_a == 0 || norm_b == 0)
		return false;
	for (int i = 0; i < n; i++)
	{
		double		x = ldexp(a[i], -exponent_a) / norm_a;
		double		y = ldexp(b[i], -exponent_b) / norm_b;

		apart += (x - y) * (x - y);
		together += (x + y) * (x + y);
	}
	*angle = 2 * atan2(sqrt(apart), sqrt(together));
	return true;
}

bool
cv_axes_distance(cv_axes v, cv_axes w, double *distance)
{
	double		difference[CV_MAX_AXES],
				root;
	int			exponent,
				n = 0;

	for (int i = 0; i < v.n; i++)
		if (cv_axis_known(v, i) && cv_axis_known(w, i))
			difference[n++] = v.axis[i] - w.axis[i];
	if (n == 0)
		return false;
	for (int i = 0; i < n; i++)
		if (isinf(difference[i]))
		{
			*distance = INFINITY;
			return true;
		}
	root = scaled_norm(difference, n, &exponent);
	*distance = ldexp(root / sqrt(n), exponent);
	return true;
}

int
cv_axes_dominant(cv_axes v)
{
	int			dominant = -1;
	bool		shared = false;

	for (int i = 0; i < v.n; i++)
	{
		if (!cv_axis_known(v, i))
			continue;
		if (dominant < 0 || fabs(v.axis[i]) > fabs(v.axis[dominant]))
		{
			dominant = i;
			shared = false;
		}
		else if (fabs(v.axis[i]) == fabs(v.axis[dominant]))
			shared = true;
	}
	return shared ? -1 : dominant;
}

int
cv_axes_compare(cv_axes v, cv_axes w)
{
	for (int i = 0; i < v.n && i < w.n; i++)
	{
		bool		v_known = cv_axis_known(v, i);

		if (v_known != cv_axis_known(w, i))
			return v_known ? -1 : 1;
		if (v.axis[i] != w.axis[i])
			return v.axis[i] < w.axis[i] ? -1 : 1;
	}
	return (v.n > w.n) - (v.n < w.n);
}

bool
cv_axes_add(cv_axes v, double factor, cv_axes w, double *out, uint64_t *known)
{
	*known = v.known & w.known;
	for (int i = 0; i < v.n; i++)
	{
		out[i] = *known >> i & 1 ? v.axis[i] + factor * w.axis[i] + 0.0 : 0;
		if (!isfinite(out[i]))
			return false;
	}
	return true;
}

bool
cv_axes_scale(cv_axes v, double factor, double *out)
{
	for (int i = 0; i < v.n; i++)
	{
		out[i] = cv_axis_known(v, i) ? factor * v.axis[i] + 0.0 : 0;
		if (!isfinite(out[i]))
			return false;
	}
	return true;
}
