// Registrations, and the history of one address-of-record.
import { When } from '../../components/Cells.jsx';
import { rttColumn, textColumn as text, timeColumn } from '../../components/listColumns.jsx';
import { Choice, ListPage } from '../../components/ListPage.jsx';
import { Empty } from '../../components/Notes.jsx';
import { number, span } from '../../core/format.js';
import { href, searchHref } from '../../core/router.js';

const states = ['registered', 'failed', 'unregistered', 'expired'];

const columns = [
	timeColumn,
	text('aor', 'address-of-record', 'minmax(18ch, 1.2fr)'),
	{ ...text('state', 'state', '13ch'), cell: (r) => <State row={r} /> },
	text('contact', 'contact', 'minmax(18ch, 1.6fr)'),
	text('src', 'from', 'minmax(16ch, 1fr)'),
	{
		key: 'expires', title: 'expires', unit: 's', width: '11ch', align: 'right',
		cell: (r) => number(r.expires), hover: (r) => span(r.expires && r.expires * 1000),
	},
	{ key: 'refreshes', title: 'refreshes', width: '9ch', align: 'right', cell: (r) => number(r.refreshes) },
	rttColumn,
	text('nat', 'NAT', '5ch', { about: 'the Via names another address than the packet\'s' }),
	text('agent', 'agent', 'minmax(14ch, 1.2fr)'),
];

function State({ row }) {
	return (
		<span class={row.state === 'failed' ? 'poor' : ''}>
			{row.state}{row.state === 'failed' && row.status && ` ${row.status}`}
		</span>
	);
}

function card(row, link) {
	return (
		<a class="card-row" href={link} tabIndex={-1}>
			<span class="line"><span class="who">{row.aor}</span><State row={row} /></span>
			<span class="line"><When value={row.start} /><span>{row.src}</span></span>
			<span class="line muted"><span class="who">{row.agent}</span></span>
		</a>
	);
}

/* The user of "sip:alice@lab.example". */
function userOf(aor) {
	return /^sips?:([^@;]+)@/.exec(aor)?.[1] ?? aor;
}

function Title({ aor }) {
	return (
		<>
			History of {aor}{' '}
			<a href="/registrations">all</a>{' '}
			<a href={searchHref(`number:${userOf(aor)}`)}>its calls</a>
		</>
	);
}

const none = (
	<Empty title="No registration matches">
		A word is found anywhere; with a star at its end by the beginning: alice*.{' '}
		<a href="/registrations">All registrations</a>
	</Empty>
);

export default function Registrations({ query, setQuery }) {
	const { q = '', from = '', to = '', state = '', aor = '' } = query;

	return (
		<ListPage path="/registrations" field="registrations" one="registration"
			params={{ q, from, to, state, aor }} query={query} setQuery={setQuery}
			label="Registrations" title={aor && <Title aor={aor} />}
			box="address-of-record, contact, agent or IP" none={none}
			columns={columns} card={card} rowKey={(r) => r.uid}
			rowHref={aor ? undefined : (r) => href('/registrations', { aor: r.aor, from, to })}
			tools={<Choice label="state" value={state} options={states}
				onChange={(s) => setQuery({ state: s })} />} />
	);
}
