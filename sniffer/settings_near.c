#include "sniffer/settings.h"

/* Neighbours swapped count as one slip, like a letter too many, too few or
 * wrong. */
static size_t distance(struct slice a, struct slice b)
{
	enum {
		MAX = 32
	};
	size_t d[MAX + 1][MAX + 1];

	if (a.len > MAX || b.len > MAX)
		return SIZE_MAX;
	for (size_t i = 0; i <= a.len; i++) {
		for (size_t j = 0; j <= b.len; j++) {
			size_t best = i ? j ? d[i - 1][j - 1] : i : j;

			if (!i || !j) {
				d[i][j] = best;
				continue;
			}
			best += a.p[i - 1] != b.p[j - 1];
			if (d[i - 1][j] + 1 < best)
				best = d[i - 1][j] + 1;
			if (d[i][j - 1] + 1 < best)
				best = d[i][j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1] &&
			    d[i - 2][j - 2] + 1 < best)
				best = d[i - 2][j - 2] + 1;
			d[i][j] = best;
		}
	}
	return d[a.len][b.len];
}

const struct setting *setting_nearest(const struct setting *const *rows,
				      size_t n, struct slice name)
{
	size_t best = 1 + (name.len + 1) / 3; /* further is no slip */
	const struct setting *found = NULL;

	for (size_t i = 0; i < n; i++) {
		size_t d = distance(name, slice_str(rows[i]->name));

		if (d < best) {
			best = d;
			found = rows[i];
		}
	}
	return found;
}
