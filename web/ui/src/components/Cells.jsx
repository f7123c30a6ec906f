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

/* A session has no numbers: what it is, once, in the caller's place. */
function Kind({ row, side }) {
	const what = [kinds[row.kind] ?? row.kind, row.signalling].filter(Boolean).join(', ');

	return <span class="muted">{side === 'caller' && what ? what : NOTHING}</span>;
}

/* Who a side is: the number or name, else the address, else what it is. */
export function Party({ row, side }) {
	const user = row[`${side}_user`];
	const addr = row[`${side}_addr`];

	if (user)
		return user;
	if (addr)
		return hostOf(addr);
	return row[`${side}_host`] ?? <Kind row={row} side={side} />;
}
