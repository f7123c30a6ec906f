/*
 * Where everything of a ladder stands. Pure: from records to rows with a y;
 * lanes are numbers, ladder.jsx gives them an x.
 *
 * A row: {kind, id, leg, t, y, h, ...}
 *   message  index, from, to, label, cseq, retransmission, hop, dialog, sdp
 *   gap      ms: how long nothing happened (drawn as a break)
 *   media    see ladder_events.js; end: where the bar ends; yEnd
 *   ice, dtls, turn   foldable; open, count of rows inside
 *   check    what is inside of these
 *   offer    an offer or answer of a session, which has no messages
 */
import { at, host } from './facts.js';
import { hasPlace, ladderEvents } from './ladder_events.js';
import { ladderLanes } from './ladder_lanes.js';
import { statusText } from './sip_names.js';

const ROW = 24;
const GAP_ROW = 20;
const END_ROW = 10;
const GAP_MS = 1000;
const TOP = 8;

/* Which dialog a message is of: its index in dialogs[], null where all or none
 * can be meant. tagsOf(index) gives the tags of its text, or null. */
export function dialogOf(record, index, tagsOf = () => null) {
	const m = record.messages[index];
	const tags = tagsOf(index);

	if (record.dialogs.length < 2)
		return null;
	const byTag = tags ? record.dialogs.findIndex((d) => d.callee_tag &&
		(d.callee_tag === tags.to || d.callee_tag === tags.from)) : -1;

	if (byTag >= 0)
		return byTag;
	const byHost = record.dialogs.map((d, n) => n).filter((n) => {
		const end = record.dialogs[n].callee_addr;

		return end && (end === m.src || end === m.dst);
	});

	return byHost.length === 1 ? byHost[0] : null;
}

/* 1 for what its sender sent first, 2 for its copy behind a proxy, ... */
export function hopOf(record, index) {
	let hop = 1;
	let m = record.messages[index];

	while (m && m.copy_of !== null && hop < 70) {
		m = record.messages[m.copy_of];
		hop++;
	}
	return hop;
}

/* Whose message it is, by where its first hop came from: a, b or null. */
function sideOfMessage(record, index) {
	let m = record.messages[index];

	for (let n = 0; m.copy_of !== null && record.messages[m.copy_of] && n < 70; n++)
		m = record.messages[m.copy_of];
	if (m.src === record.caller?.addr)
		return 'a';
	return m.src === record.callee?.addr ||
		record.dialogs.some((d) => d.callee_addr === m.src) ? 'b' : null;
}

function messageItem(record, index, laneOf, tagsOf, described) {
	const m = record.messages[index];

	return {
		kind: 'message', id: `message ${index}`, index, t: at(record, m.time),
		from: laneOf(m.src), to: laneOf(m.dst), method: m.method, status: m.status,
		label: m.status === null ? m.method : statusText(m.status),
		cseq: `${m.cseq} ${m.method}`, retransmission: m.retransmission,
		hop: hopOf(record, index), side: sideOfMessage(record, index),
		dialog: dialogOf(record, index, tagsOf),
		sdp: described.has(m.time), bad: m.status >= 400 && ![401, 407, 487].includes(m.status),
	};
}

/* Times of the messages that carry an offer or an answer. */
function describedTimes(record) {
	return new Set(record.offers.flatMap((o) => [o.time, o.answer_time]).filter(Boolean));
}

function isShown(item, filter) {
	if (item.kind !== 'message')
		return !filter.methods && filter.dialog === null;
	if (filter.methods && !filter.methods.has(item.method))
		return false;
	return filter.dialog === null || item.dialog === null || item.dialog === filter.dialog;
}

function unfolded(items, open) {
	return items.flatMap((item) => {
		const inside = item.inside ? item.inside().filter(hasPlace) : [];
		const opened = open.has(item.id) && inside.length > 0;
		const head = item.inside ? { ...item, inside: undefined, open: opened,
			count: inside.length } : item;

		return opened ? [head, ...inside] : [head];
	});
}

function ends(items) {
	return items.filter((i) => i.kind === 'media' && i.end > i.t).map((i) => ({
		kind: 'end', id: `end ${i.id}`, t: i.end, from: i.from, to: i.to, of: i.id,
	}));
}

/* Events of one moment: messages first, what media needs before media. */
const rank = { message: 0, offer: 0, turn: 1, ice: 2, dtls: 3, check: 4, media: 5, end: 6 };

function inOrder(x, y) {
	return x.t - y.t || rank[x.kind] - rank[y.kind] || (x.index ?? 0) - (y.index ?? 0);
}

/* All items of one record, in order of time. */
export function ladderItems(record, options) {
	const { timeline = null, filter, open, tagsOf } = options;
	const places = ladderLanes(record);
	const { lanes, laneOf } = places;
	const described = describedTimes(record);
	const messages = record.messages.map((m, n) =>
		messageItem(record, n, laneOf, tagsOf, described));
	const events = unfolded(ladderEvents(record, timeline, places), open);
	const items = [...messages, ...events].filter((i) => hasPlace(i) && isShown(i, filter));

	return { lanes, items: [...items, ...ends(items)].sort(inOrder) };
}

const heights = { gap: GAP_ROW, end: END_ROW };

/* Puts rows below one another, with a break where time passed. */
function stack(items) {
	const rows = [];
	let y = TOP;
	let last = null;

	function put(row) {
		const h = heights[row.kind] ?? ROW;

		rows.push({ ...row, y: y + h / 2, h });
		y += h;
	}
	for (const item of items) {
		if (last !== null && item.t - last >= GAP_MS)
			put({ kind: 'gap', id: `gap ${last}`, t: (last + item.t) / 2, ms: item.t - last });
		put(item);
		last = item.t;
	}
	return { rows, height: y + TOP };
}

/* y of a moment and moment of a y, straight between rows. */
export function scaleOf(rows) {
	const points = rows.filter((r) => r.kind !== 'gap').map((r) => [r.t, r.y]);

	function between(v, from, to) {
		let lo = 0;
		let hi = points.length - 1;

		if (points.length === 0)
			return null;
		if (v <= points[0][from])
			return points[0][to];
		if (v >= points[hi][from])
			return points[hi][to];
		while (hi - lo > 1) {
			const mid = (lo + hi) >> 1;

			if (points[mid][from] <= v)
				lo = mid;
			else
				hi = mid;
		}
		const part = (v - points[lo][from]) / (points[hi][from] - points[lo][from] || 1);

		return points[lo][to] + part * (points[hi][to] - points[lo][to]);
	}
	return { yOf: (t) => between(t, 0, 1), tOf: (y) => between(y, 1, 0) };
}

function withEnds(rows) {
	const end = new Map(rows.filter((r) => r.kind === 'end').map((r) => [r.of + r.leg, r.y]));

	return rows.map((r) => r.kind === 'media' ?
		{ ...r, yEnd: end.get(r.id + r.leg) ?? r.y } : r);
}

const all = { methods: null, dialog: null };

/* Ladders of several records on one axis: {ladders: [{lanes, rows}], height,
 * yOf, tOf}; legs[n].shift is added to its times (ms between the starts). */
export function layoutTogether(legs) {
	const parts = legs.map((leg, n) => {
		const { lanes, items } = ladderItems(leg.record, { filter: all, open: new Set(),
			...leg.options });
		const shift = leg.shift ?? 0;

		return { lanes, items: items.map((i) => ({ ...i, leg: n, t: i.t + shift,
			...(i.kind === 'media' ? { end: i.end + shift } : {}) })) };
	});
	const items = parts.flatMap((p) => p.items).sort(inOrder);
	const { rows, height } = stack(items);
	const done = withEnds(rows);

	return {
		ladders: parts.map((p, n) => ({ lanes: p.lanes,
			rows: done.filter((r) => r.leg === n || r.kind === 'gap') })),
		height, rows: done, ...scaleOf(done),
	};
}

/* One record: {lanes, rows, height, yOf, tOf}. options: timeline, filter
 * {methods: Set or null, dialog: index or null}, open: Set of ids that are
 * unfolded, tagsOf: see dialogOf. */
export function ladderLayout(record, options = {}) {
	const { ladders, ...rest } = layoutTogether([{ record, options }]);

	return { ...rest, ...ladders[0] };
}

/* Ids of what is unfolded, as the address holds them: open=ice0,dtls0. */
export function openOf(query) {
	return new Set((query.open ?? '').split(',').filter(Boolean));
}

/* The filter that the address holds: method=INVITE,BYE, dialog=1 (from 1 on). */
export function filterOf(query) {
	const names = (query.method ?? '').split(',').filter(Boolean);
	const dialog = /^\d+$/.test(query.dialog ?? '') ? Number(query.dialog) - 1 : null;

	return { methods: names.length > 0 ? new Set(names) : null, dialog };
}

/* Methods of a call and how many messages each has, in order of first use. */
export function methodsOf(record) {
	const counts = new Map();

	for (const m of record.messages)
		counts.set(m.method, (counts.get(m.method) ?? 0) + 1);
	return [...counts];
}

/* The next or previous message that is drawn. */
export function neighbour(rows, index, by) {
	const drawn = rows.filter((r) => r.kind === 'message').map((r) => r.index);
	const at = drawn.indexOf(index);

	if (drawn.length === 0)
		return null;
	if (at < 0)
		return by > 0 ? drawn[0] : drawn.at(-1);
	return drawn[Math.min(Math.max(at + by, 0), drawn.length - 1)];
}

/* What a lane's head says below its address. */
export function laneTitle(lane) {
	return [lane.role ?? (lane.side ? `side ${lane.side}` : null), lane.name]
		.filter(Boolean).join(' ') || host(lane.key);
}
