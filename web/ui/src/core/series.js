// Series for charts: data is [x, y, y...], arrays of one length, null where
// nothing was measured. Pure.

/* Indexes from..to (exclusive) where x lies in a range. */
export function slice(xs, min, max) {
	let from = 0;
	let to = xs.length;

	while (from < to && xs[from] < min)
		from++;
	while (to > from && xs[to - 1] > max)
		to--;
	return [from, to];
}

/* Of some values the worst one; null only where all are. `worse` is "max"
 * (loss, jitter) or "min" (MOS). */
export function worstOf(values, from, to, worse = 'max') {
	let found = null;

	for (let i = from; i < to; i++) {
		const v = values[i];

		if (v === null || v === undefined)
			continue;
		if (found === null || (worse === 'min' ? v < found : v > found))
			found = v;
	}
	return found;
}

/* The same series with at most `most` points: each stands for as many in a
 * row, with the worst of them, at the x of the first. `worse` is one word for
 * all series or a list, one for each. */
export function worst(data, most, worse = 'max') {
	const [xs, ...ys] = data;
	const each = Math.ceil(xs.length / Math.max(1, most));

	if (each <= 1)
		return data;
	const way = (n) => (Array.isArray(worse) ? worse[n] : worse);
	const starts = [];

	for (let i = 0; i < xs.length; i += each)
		starts.push(i);
	return [
		starts.map((i) => xs[i]),
		...ys.map((y, n) => starts.map((i) =>
			worstOf(y, i, Math.min(i + each, xs.length), way(n)))),
	];
}

/* Several streams on one axis: [{ t, y }] to [x, y, y...], x all times. Where
 * a stream has no value at a time it has a gap there. */
export function align(streams) {
	const times = [...new Set(streams.flatMap((s) => s.t))].sort((p, q) => p - q);
	const at = new Map(times.map((t, i) => [t, i]));

	return [times, ...streams.map((s) => {
		const y = new Array(times.length).fill(null);

		s.t.forEach((t, i) => {
			y[at.get(t)] = s.y[i] ?? null;
		});
		return y;
	})];
}

/* Indexes from..to (inclusive) of values with a gap on both sides: a line does
 * not show them. */
export function lonely(values, from, to) {
	const gap = (i) => values[i] === null || values[i] === undefined;
	const found = [];

	for (let i = from; i <= to; i++) {
		if (!gap(i) && gap(i - 1) && gap(i + 1))
			found.push(i);
	}
	return found;
}

/* { least, most, mean, last, n } of what was measured; null without any. */
export function figures(values) {
	const seen = values.filter((v) => v !== null && v !== undefined);

	if (seen.length === 0)
		return null;
	return {
		least: worstOf(seen, 0, seen.length, 'min'),
		most: worstOf(seen, 0, seen.length, 'max'),
		mean: seen.reduce((sum, v) => sum + v, 0) / seen.length,
		last: seen[seen.length - 1],
		n: seen.length,
	};
}

/* What a chart shows, as a sentence for who cannot see it. */
export function describe(title, series, data, format = String) {
	const parts = series.map((s, i) => {
		const f = figures(data[i + 1] ?? []);

		return f === null ? `${s.label}: nothing measured` :
			`${s.label}: ${format(f.least)} to ${format(f.most)}, ` +
			`mean ${format(f.mean)}`;
	});

	return `${title}. ${parts.join('; ')}.`;
}
