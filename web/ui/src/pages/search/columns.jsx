// The columns of the search's table. Those of `shown` are there at first.
import { Both, BothHead, MosBoth, Party, When, endOf } from '../../components/Cells.jsx';
import { duration, mosWithScale, number, percent, span, NOTHING } from '../../core/format.js';
import { flagsOf } from '../../core/flags.js';

function text(key, title, width, more = {}) {
	return { key, title, width, cell: (r) => r[key] ?? NOTHING, hover: (r) => r[key] ?? '', ...more };
}

function ms(key, title, more = {}) {
	return {
		key, title, unit: 'ms', width: '9ch', align: 'right',
		cell: (r) => number(r[key]), ...more,
	};
}

function address(side) {
	return {
		key: `${side}_addr`, title: `${side} address`, width: 'minmax(18ch, 1fr)',
		cell: (r) => endOf(r, side) ?? NOTHING, hover: (r) => endOf(r, side) ?? '',
	};
}

function both(key, title, unit, format, more = {}) {
	return {
		key, title: <BothHead>{title}</BothHead>, long: `${title} of both sides`,
		unit, width: '12ch', align: 'right',
		cell: (r) => <Both a={r[`a_${key}`]} b={r[`b_${key}`]} format={format} judge={more.judge} />,
		...more,
	};
}

function partyHover(r, side) {
	return [r[`${side}_name`], r[`${side}_user`], r[`${side}_host`], endOf(r, side)]
		.filter(Boolean).join(' ');
}

/* Status of a call; of a session and of a call without, its state. */
function statusText(r) {
	return r.status ?? r.state ?? NOTHING;
}

function statusHover(r) {
	return [r.status, r.reason, r.state, r.ended_by && `ended by ${r.ended_by}`]
		.filter(Boolean).join(', ');
}

function isBad(r) {
	return r.state === 'failed' || r.status >= 500;
}

function codecText(r) {
	const [a, b] = [r.a_codec, r.b_codec];

	if (!a && !b)
		return <span class="muted">{NOTHING}</span>;
	return !a || !b || a === b ? a ?? b : `${a}│${b}`;
}

function mosHover(r) {
	return ['a', 'b'].map((s) => `${s}: ${mosWithScale(r[`${s}_mos_adaptive`], r[`${s}_mos_scale`])}` +
		`, worst slice ${mosWithScale(r[`${s}_mos_min`], null)}`).join('\n');
}

export function Flags({ row }) {
	return flagsOf(row).map((f) => (
		<span key={f.words} class={`badge${f.severity === 'error' ? ' bad' : ''}`}>{f.words}</span>
	));
}

const lossClass = (v) => (v >= 5 ? 'bad' : v >= 1 ? 'poor' : '');
const jitterClass = (v) => (v >= 30 ? 'poor' : '');

export const columns = [
	{
		key: 'start', title: 'time', width: '19ch', sort: 'start', shown: true,
		cell: (r) => <When value={r.start} />,
	},
	{
		key: 'caller', title: <span class="side-a">caller</span>, long: 'caller',
		width: 'minmax(12ch, 1.2fr)', shown: true,
		cell: (r) => <Party row={r} side="caller" />,
		hover: (r) => partyHover(r, 'caller'),
	},
	{
		key: 'callee', title: <span class="side-b">callee</span>, long: 'callee',
		width: 'minmax(12ch, 1.2fr)', shown: true,
		cell: (r) => <><span class="muted">→ </span><Party row={r} side="callee" /></>,
		hover: (r) => partyHover(r, 'callee'),
	},
	{
		key: 'duration_ms', title: 'dur', long: 'duration', width: '8ch', align: 'right',
		sort: 'duration', shown: true,
		cell: (r) => duration(r.connect_ms ?? r.duration_ms),
		hover: (r) => `in all ${span(r.duration_ms)}, connected ${span(r.connect_ms)}`,
	},
	{
		key: 'status', title: 'status', width: '10ch', shown: true,
		cell: (r) => <span class={isBad(r) ? 'poor' : ''}>{statusText(r)}</span>,
		hover: statusHover,
	},
	{ key: 'codec', title: 'codec', width: '11ch', shown: true, cell: codecText },
	{
		key: 'mos', title: <BothHead>MOS</BothHead>, long: 'MOS of both sides',
		width: '10ch', align: 'right', sort: 'mos', lowFirst: true, shown: true,
		cell: (r) => <MosBoth row={r} />, hover: mosHover,
	},
	both('loss_pct', 'loss', '%', percent, { sort: 'loss', shown: true, judge: lossClass }),
	both('jitter_ms_mean', 'jitter', 'ms', (v) => number(v, v < 10 ? 1 : 0),
		{ sort: 'jitter', shown: true, judge: jitterClass, width: '13ch' }),
	{
		key: 'flags', title: 'flags', width: 'minmax(20ch, 2fr)', shown: true,
		cell: (r) => <Flags row={r} />,
		hover: (r) => flagsOf(r).map((f) => f.words).join(', '),
	},
	text('type', 'type', '8ch'),
	text('state', 'state', '11ch'),
	text('reason', 'reason', 'minmax(14ch, 1fr)'),
	text('ended_by', 'ended by', '9ch'),
	{ ...text('q850', 'Q.850', '6ch'), align: 'right' },
	address('caller'),
	address('callee'),
	text('caller_agent', 'caller agent', 'minmax(16ch, 1fr)'),
	text('callee_agent', 'callee agent', 'minmax(16ch, 1fr)'),
	text('transport', 'via', '5ch', { long: 'transport' }),
	ms('pdd_ms', 'PDD', { long: 'post-dial delay', sort: 'pdd' }),
	ms('setup_ms', 'setup', { long: 'setup time' }),
	both('mos_min', 'worst MOS', null, (v) => v.toFixed(1)),
	both('rtt_ms_mean', 'RTT', 'ms', (v) => number(v)),
	both('packets', 'packets', null, (v) => number(v), { width: '16ch' }),
	text('kind', 'kind', '8ch'),
	text('signalling', 'signalling', '10ch'),
	text('call_id', 'Call-ID', 'minmax(20ch, 1fr)'),
	text('sensor', 'sensor', '10ch'),
	text('uid', 'uid', '28ch'),
];

export function columnsOf(keys) {
	return columns.filter((c) => keys.includes(c.key));
}

export const firstColumns = columns.filter((c) => c.shown).map((c) => c.key);
