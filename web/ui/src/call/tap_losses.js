// Packets that the tap lost and the receiver got: where the tap misses more of
// a stream than the receiver's reports say it lost. Pure.

const SLACK_MS = 300; /* a report is about what came a little earlier */
const LEAST = 3;

function countUntil(losses, t) {
	return losses.reduce((n, l) => n + (l.t <= t ? l.lost : 0), 0);
}

/* Receivers count duplicates as received, so that nothing can be said where
 * there are any that the mirror has not made. */
function comparable(stream) {
	return stream.duplicates === stream.duplicates_tap;
}

/*
 * [{ from, to, packets }] of a stream of the record, its part of the timeline,
 * and the timeline's reports: between two reports (ms since the call's start).
 */
export function tapLosses(stream, part, rtcp) {
	const reports = rtcp.filter((r) => r.stream_uid === stream.stream_uid &&
		Number.isFinite(r.lost) && r.type !== 'XR').sort((x, y) => x.t - y.t);
	const out = [];
	let known = 0, from = part.t[0] ?? 0;

	if (!comparable(stream))
		return out;
	for (const { t, lost } of reports) {
		const over = Math.min(countUntil(part.losses, t),
			countUntil(part.losses, t - SLACK_MS)) - Math.max(0, lost);

		if (over - known > LEAST) {
			out.push({ from, to: t, packets: over - known });
			known = over;
		}
		from = t;
	}
	return out;
}

export function tapLossText(list) {
	const packets = list.reduce((n, l) => n + l.packets, 0);

	return packets === 0 ? null : `The tap lost packets here: the receiver has ` +
		`${packets} of those that are missing below.`;
}
