// The burst map: where packets were lost, and how many in a row. Pure.

/* Height of a mark of `lost` packets, of at most `height` pixels: a single one
 * is to be seen, and 1 and 10 are told apart where 1000 is there too. */
export function markHeight(lost, most, height) {
	const least = 3;

	if (most <= 1)
		return height / 2;
	return least + (height - least) * Math.log(Math.max(1, lost)) / Math.log(most);
}

/* The longest run of all streams, at least 10: a scale of its own for each
 * call, but no drama about single packets. */
export function longestRun(streams) {
	return Math.max(10, ...streams.flatMap((s) => s.losses.map((l) => l.lost)));
}

/* Runs that begin or last in what is shown. */
export function inRange(losses, [from, to]) {
	return losses.filter((l) => l.t <= to && l.t + (l.ms ?? 0) >= from);
}

/* The run that is nearest to a moment, not further than `within`; of several
 * in reach the longest. */
export function runAt(losses, at, within) {
	let best = null;

	for (const run of losses) {
		const off = at < run.t ? run.t - at : Math.max(0, at - run.t - (run.ms ?? 0));

		if (off <= within && (!best || run.lost > best.lost))
			best = run;
	}
	return best;
}

/* "12 packets in a row (240 ms)" */
export function runText(run) {
	const n = run.lost === 1 ? '1 packet' : `${run.lost} packets in a row`;

	return run.ms ? `${n} (${Math.round(run.ms)} ms)` : n;
}

/* What the map says in one sentence, for those who do not see it. */
export function lossSummary(losses) {
	const packets = losses.reduce((n, l) => n + l.lost, 0);
	const longest = losses.reduce((w, l) => l.lost > (w?.lost ?? 0) ? l : w, null);

	if (!longest)
		return 'no packet lost';
	return `${packets} packet${packets === 1 ? '' : 's'} lost in ` +
		`${losses.length} run${losses.length === 1 ? '' : 's'}, the longest ` +
		runText(longest);
}
