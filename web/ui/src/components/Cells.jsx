// Cells that several tables have.
import { clock, day, dayAndClock, hostOf, mos, mosClass, NOTHING, toMs, utc, zone }
	from '../core/format.js';

/* The time of a row: the day, then the clock; the year where it is another. */
export function When({ value }) {
	const at = toMs(value);

	if (at === null)
		return NOTHING;
	const date = day(value);
	const thisYear = String(new Date().getFullYear());

	return (
		<time datetime={value}
			title={`${utc(value)}\n${dayAndClock(value)} ${zone(new Date(at))}`}>
			<span class="muted">{date.startsWith(thisYear) ? date.slice(5) : date} </span>
			{clock(value)}
		</time>
	);
}

/* Both sides of a value: a left, b right, each in its half. */
export function Both({ a, b, format = String, judge = () => '' }) {
	const text = (v) => (v === null || v === undefined ? NOTHING : format(v));

	if ((a === null || a === undefined) && (b === null || b === undefined))
		return <span class="muted">{NOTHING}</span>;
	return (
		<span class="both">
			<span class={judge(a)}>{text(a)}</span>
			<span class={judge(b)}>{text(b)}</span>
		</span>
	);
}

/* A header of both sides. */
export function BothHead({ children }) {
	return (
		<>
			{children} <span class="side-a">a</span>│<span class="side-b">b</span>
		</>
	);
}

export function MosBoth({ row }) {
	return <Both a={row.a_mos_adaptive} b={row.b_mos_adaptive} format={mos} judge={mosClass} />;
}

const kinds = { webrtc: 'WebRTC', rtp: 'RTP' };

/* What a session is: a call needs no such word. */
export function kindOf(row) {
	return [kinds[row.kind] ?? row.kind, row.signalling].filter(Boolean).join(', ');
}

/* The end of a side, with its port: SIP's, in a session that of the media. */
export function endOf(row, side) {
	return row[`${side}_addr`] ?? row[side === 'caller' ? 'a_addr' : 'b_addr'] ?? null;
}

/* Who a side is: the number or name, else the address. A caller who has no
 * number stands with what the session is. */
export function Party({ row, side }) {
	const user = row[`${side}_user`] ?? row[`${side}_name`];
	const end = endOf(row, side);
	const kind = side === 'caller' && !user && kindOf(row);

	return (
		<>
			{user ?? (end ? hostOf(end) : row[`${side}_host`]) ?? (kind ? '' : NOTHING)}
			{kind && <span class="muted">{end && ' '}{kind}</span>}
		</>
	);
}
