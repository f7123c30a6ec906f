/*
 * The call's time axis, shared by the ladder and all charts.
 *
 * Times are milliseconds since the call's start (fractions allowed; what the
 * tap saw before the start is negative). A store holds
 *
 *   full      [from, to] of the whole call
 *   range     [from, to] that is shown; equals full when nothing is zoomed
 *   cursor    where the pointer is, or null
 *   evidence  what a finding points at, or null: {message: index of messages[],
 *             stream: stream_uid, ice: index, pair: index, dtls: index,
 *             turn: index, offer: index, from: ms, to: ms}, any of them
 *
 * Listeners get (state, changed): state is a new frozen object, changed names
 * what differs, so that a panel skips what it does not draw.
 */

const LEAST_RANGE_MS = 1;

function frozen(state, patch) {
	return Object.freeze({ ...state, ...patch });
}

function samePair(a, b) {
	return a[0] === b[0] && a[1] === b[1];
}

function differences(old, now) {
	const changed = {};

	if (!samePair(old.full, now.full))
		changed.full = true;
	if (!samePair(old.range, now.range))
		changed.range = true;
	if (old.cursor !== now.cursor)
		changed.cursor = true;
	if (old.evidence !== now.evidence)
		changed.evidence = true;
	return changed;
}

/* A range inside of full, never narrower than LEAST_RANGE_MS. */
export function clampRange(full, from, to) {
	const whole = full[1] - full[0];
	const lo = Math.min(from, to);
	const width = Math.min(whole, Math.max(LEAST_RANGE_MS, Math.abs(to - from)));
	const start = Math.min(Math.max(lo, full[0]), full[1] - width);

	return [start, start + width];
}

/* startMs: Unix time of the call's start; durationMs: of its whole axis. */
export function createTime({ startMs = 0, durationMs = 1 } = {}) {
	const listeners = new Set();
	const full = Object.freeze([0, Math.max(LEAST_RANGE_MS, durationMs)]);
	let state = Object.freeze({ full, range: full, cursor: null, evidence: null });

	function set(patch)
	{
		const old = state;
		let changed;

		state = frozen(state, patch);
		changed = differences(old, state);
		if (Object.keys(changed).length === 0) {
			state = old;
			return;
		}
		for (const fn of [...listeners])
			fn(state, changed);
	}

	return {
		startMs,
		get: () => state,

		/* fn is called at each change, not at once. Returns what ends it. */
		subscribe(fn) {
			listeners.add(fn);
			return () => listeners.delete(fn);
		},

		/* The call turned out to be longer: a timeline, a leg. */
		grow(from, to) {
			const wide = [Math.min(state.full[0], from), Math.max(state.full[1], to)];
			const zoomed = !samePair(state.full, state.range);

			set({ full: wide, range: zoomed ? state.range : wide });
		},

		setCursor: (t) => set({ cursor: t ?? null }),
		setRange: (from, to) => set({ range: clampRange(state.full, from, to) }),
		reset: () => set({ range: state.full }),

		/* factor below 1 zooms in; what is at t stays where it is. */
		zoom(factor, t) {
			const [from, to] = state.range;
			const at = t ?? (from + to) / 2;

			set({ range: clampRange(state.full, at - (at - from) * factor,
				at + (to - at) * factor) });
		},

		/* By a part of what is shown: 0.5 is half a screen to the right. */
		pan(part) {
			const [from, to] = state.range;
			const by = (to - from) * part;

			set({ range: clampRange(state.full, from + by, to + by) });
		},

		/* Shows a finding's evidence: panels mark it, and come into view. */
		show(evidence) {
			const [from, to] = state.range;
			const seen = evidence?.from;
			const patch = { evidence: evidence ? Object.freeze({ ...evidence }) : null };

			if (seen !== undefined && (seen < from || seen > to))
				patch.range = state.full;
			set(patch);
		},
	};
}

/* RFC 3339 UTC with any number of digits, as milliseconds since startMs, with
 * the microseconds that Date would drop; null for null. */
export function sinceStart(startMs, text) {
	const at = unixMs(text);

	return at === null ? null : Math.round((at - startMs) * 1000) / 1000;
}

/* The same as milliseconds of Unix time; null when it is no time. */
export function unixMs(text) {
	const m = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(text ?? '');
	const whole = m ? Date.parse(m[1] + 'Z') : NaN;

	if (Number.isNaN(whole))
		return null;
	return whole + Number('0.' + (m[2] ?? '0')) * 1000;
}
