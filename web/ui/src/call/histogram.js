// Histograms of a stream: lengths of loss runs and delays. Pure.

const runLabels = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '10+'];
const delayLabels = [
	'<50', '50', '70', '90', '120', '150', '200', '300+',
];

function bars(labels, counts) {
	const most = Math.max(1, ...counts);

	return labels.map((label, i) => ({
		label, count: counts[i] ?? 0, part: (counts[i] ?? 0) / most,
	}));
}

/* How often so many packets were lost in a row. */
export function lossRunBars(stream) {
	return bars(runLabels, stream.loss_runs ?? []);
}

/* Packets by how far they are behind the least transit, ms. The first bar has
 * nearly all of a good stream; so bars of the rest are scaled by themselves. */
export function delayBars(stream) {
	const counts = stream.delay_bins ?? [];
	const rest = Math.max(1, ...counts.slice(1));

	return bars(delayLabels, counts).map((bar, i) => ({
		...bar, part: i === 0 ? (bar.count > 0 ? 1 : 0) : bar.count / rest,
		apart: i === 0,
	}));
}

export function hasLate(stream) {
	return (stream.delay_bins ?? []).slice(1).some((n) => n > 0);
}

export function hasRuns(stream) {
	return (stream.loss_runs ?? []).some((n) => n > 0);
}
