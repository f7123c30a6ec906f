// The time line of connectivity checks: a lane for each pair, with DTLS and
// the first media below. Pure: from the record and the timeline.
import { sinceStart } from './time.js';
import { pairName, stunError } from './ice_words.js';
import { sideOf } from './nat_words.js';

/* What kind of mark a check is. */
function markOf(check) {
	const by = check.dir === 'ba' ? 'b' : 'a';
	const answerer = by === 'a' ? 'b' : 'a';

	if (check.kind === 'error')
		return { kind: 'error', side: by,
			text: `${by} refused: ${stunError(check.code)}` };
	if (check.kind === 'response')
		return { kind: 'answer', side: by, text: `${by} answered ${answerer}'s check` };
	return {
		kind: check.use_candidate ? 'nomination' : 'request', side: by,
		text: check.use_candidate ? `${by} nominates (USE-CANDIDATE)` :
			`${by} sends a check`,
	};
}

function pairLanes(ice, index, timeline) {
	const lanes = ice.pairs.map((pair, n) => ({
		id: `pair-${n}`, pair: n, label: pairName(pair), selected: pair.selected,
		marks: [],
	}));

	for (const check of timeline.checks) {
		if (check.ice !== index || !lanes[check.pair])
			continue;
		lanes[check.pair].marks.push({ t: check.t, ...markOf(check) });
	}
	return lanes.filter((lane) => lane.marks.length > 0 ||
		ice.pairs[lane.pair].first !== null);
}

/* Without packets: first and last check are all that is known. */
function fromRecord(lane, pair, startMs) {
	for (const [time, what] of [[pair.first, 'first check'], [pair.last, 'last check']])
		if (time)
			lane.marks.push({ t: sinceStart(startMs, time), kind: 'request',
				side: null, text: what });
}

function dtlsLane(call, timeline, startMs) {
	const marks = timeline.dtls.map((d) => ({
		t: d.t, kind: 'dtls', side: null, text: `DTLS ${d.what}`,
	}));

	if (marks.length === 0)
		for (const d of call.dtls)
			for (const [time, what] of [[d.started, 'begins'], [d.finished, 'finished']])
				if (time)
					marks.push({ t: sinceStart(startMs, time), kind: 'dtls', side: null,
						text: `DTLS ${what}` });
	return { id: 'dtls', pair: null, label: 'DTLS', selected: false, marks };
}

function mediaLane(call, startMs) {
	const firsts = new Map();

	for (const s of call.streams) {
		const side = sideOf(s.sender);
		const t = sinceStart(startMs, s.first);

		if (side && t !== null && t < (firsts.get(side) ?? Infinity))
			firsts.set(side, t);
	}
	return {
		id: 'media', pair: null, label: 'First media', selected: false,
		marks: [...firsts].sort().map(([side, t]) => ({
			t, kind: 'media', side, text: `first media of ${side}`,
		})),
	};
}

/* Lanes with something in them: { id, pair | null, label, selected, marks:
 * [{t, kind, side, text}] }, marks in order of time. */
export function lanesOf(call, index, timeline, startMs) {
	const ice = call.ice[index];
	const lanes = pairLanes(ice, index, timeline);

	for (const lane of lanes)
		if (lane.marks.length === 0)
			fromRecord(lane, ice.pairs[lane.pair], startMs);
	lanes.push(dtlsLane(call, timeline, startMs), mediaLane(call, startMs));
	for (const lane of lanes)
		lane.marks.sort((x, y) => x.t - y.t);
	return lanes.filter((lane) => lane.marks.length > 0);
}

const FIRST_CHECKS = 8;

/* [from, to] of the setup: the first checks of each pair, and the DTLS and first
 * media that came after them, with some room; null without checks. */
export function setupRange(lanes) {
	const checks = lanes.filter((lane) => lane.pair !== null)
		.flatMap((lane) => lane.marks.slice(0, FIRST_CHECKS).map((m) => m.t));

	if (checks.length === 0)
		return null;
	const from = Math.min(...checks);
	const later = lanes.filter((lane) => lane.pair === null)
		.flatMap((lane) => lane.marks.map((m) => m.t)).filter((t) => t >= from);
	const to = Math.max(...checks, ...later);
	const pad = Math.max(5, (to - from) * 0.1);

	return [from - pad, to + pad];
}

/* The mark nearest to a moment of a lane, not further than `within`. */
export function markAt(lane, at, within) {
	let best = null;

	for (const mark of lane.marks) {
		const off = Math.abs(mark.t - at);

		if (off <= within && (!best || off < Math.abs(best.t - at)))
			best = mark;
	}
	return best;
}
