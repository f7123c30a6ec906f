// The open calls as events tell of them. Pure: a state, and what becomes of it.
//
// state: { rows: Map of uid to row, head, at } where head has now, live, ended,
// capture, total, shown of the last event, and `at` is when it came, on the
// clock that ages are drawn by (ms). A row that is over has `over`: when, on
// that clock; it leaves after a while.

const FADE_MS = 8000;

export const nothing = { rows: new Map(), head: null, at: 0 };

/* `begins`: the first event of a connection has all there is. */
export function told(state, event, at, { begins = false } = {}) {
	const rows = new Map(state.rows);
	const { upsert, gone, hidden, records, ...head } = event;
	const news = new Map(upsert.map((row) => [row.uid, row]));

	if (begins) {
		for (const [uid, row] of rows) {
			if (!news.has(uid) && row.over === undefined)
				rows.set(uid, { ...row, over: at });
		}
	}
	for (const [uid, row] of news)
		rows.set(uid, { ...rows.get(uid), ...row, over: undefined });
	for (const uid of hidden)
		rows.delete(uid);
	for (const uid of gone) {
		if (rows.has(uid))
			rows.set(uid, { ...rows.get(uid), over: at });
	}
	for (const record of records) {
		if (rows.has(record.uid))
			rows.set(record.uid, { ...rows.get(record.uid), ...record, recorded: true });
	}
	return { rows, head, at };
}

/* Without those that were over long enough; the same state when none was. */
export function faded(state, at) {
	const old = [...state.rows.values()]
		.filter((row) => row.over !== undefined && at - row.over > FADE_MS);

	if (old.length === 0)
		return state;
	const rows = new Map(state.rows);

	for (const row of old)
		rows.delete(row.uid);
	return { ...state, rows };
}

/* How old a row is at that moment: packet time goes on with ours while packets
 * come from an interface; of a file it stands between events. */
export function age(state, row, at) {
	const { head } = state;

	if (!head || !row.start)
		return null;
	const end = row.over ?? at;
	const on = head.live && !head.ended ? Math.max(0, end - state.at) : 0;

	return Math.max(0, Date.parse(head.now) + on - Date.parse(row.start));
}

const words = { trying: 1, ringing: 2, up: 3, hold: 4, ending: 5 };

function worst(a, b, pick) {
	const both = [a, b].filter((v) => v !== null && v !== undefined);

	return both.length ? pick(...both) : null;
}

/* What a column is sorted by; null is last in either direction. */
const values = {
	start: (r) => r.start,
	age: (r) => r.start && -Date.parse(r.start),
	state: (r) => words[r.state] ?? 9,
	caller: (r) => r.caller_user ?? r.caller_addr,
	callee: (r) => r.callee_user ?? r.callee_addr,
	codec: (r) => r.a_codec ?? r.b_codec,
	mos: (r) => worst(r.a_mos_now ?? r.a_mos, r.b_mos_now ?? r.b_mos, Math.min),
	loss: (r) => worst(r.a_loss_pct, r.b_loss_pct, Math.max),
	jitter: (r) => worst(r.a_jitter_ms, r.b_jitter_ms, Math.max),
	packets: (r) => r.packets,
};

function compare(a, b) {
	return a < b ? -1 : a > b ? 1 : 0;
}

/* Rows in order of "mos" or "-mos"; equal ones newest first. */
export function sorted(rows, sort) {
	const down = sort.startsWith('-');
	const value = values[sort.replace(/^-/, '')] ?? values.start;

	return [...rows].sort((x, y) => {
		const a = value(x), b = value(y);

		if (a === null || b === null || a === undefined || b === undefined)
			return (a ?? null) === (b ?? null) ? 0 : (a ?? null) === null ? 1 : -1;
		return (down ? -1 : 1) * compare(a, b) || compare(y.start, x.start) ||
			compare(y.uid, x.uid);
	});
}

/* Whether all words are found in what names a row, or its state. */
export function matches(row, filter) {
	const text = [row.caller_user, row.callee_user, row.caller_addr, row.callee_addr,
		row.a_codec, row.b_codec, row.state, row.status, row.kind, row.type]
		.filter((v) => v !== null && v !== undefined).join(' ').toLowerCase();

	return filter.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/* The uids to be shown, in order. `held`: the order so far, which stays while
 * the pointer is over the table: what is new waits, what was there stays. */
export function arranged(state, { filter = '', sort = '-start', held = null }) {
	if (held)
		return held.filter((uid) => state.rows.has(uid));
	return sorted([...state.rows.values()].filter((row) => matches(row, filter)), sort)
		.map((row) => row.uid);
}
