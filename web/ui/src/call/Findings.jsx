// What happened, in sentences, worst first. Each link shows its place in the
// ladder and the charts.
import { useState } from 'preact/hooks';
import { tally } from './findings.js';

const FIRST = 4;
/* So many links a sentence; a finding may have more. */
const LINKS = 4;
const marks = { error: '✗', warning: '⚠', notice: 'ℹ' };
const words = { error: 'error', warning: 'warning', notice: 'note' };

export function Findings({ list, time, query, setQuery }) {
	const [all, setAll] = useState(false);
	const bad = list.filter((f) => f.severity !== 'notice');
	const first = Math.max(FIRST, Math.min(bad.length, FIRST + 2));
	const shown = all || list.length <= first + 1 ? list : list.slice(0, first);

	if (list.length === 0)
		return <p class="findings none">Nothing unusual was measured.</p>;
	return (
		<section class="findings" aria-label="Findings">
			<ul>
				{shown.map((f, i) => (
					<Finding key={`${f.code} ${i}`} finding={f} time={time}
						query={query} setQuery={setQuery} />
				))}
			</ul>
			{shown.length < list.length && (
				<button type="button" class="more" onClick={() => setAll(true)}>
					{list.length - shown.length} more{more(list.slice(shown.length))}
				</button>
			)}
			{all && list.length > first + 1 && (
				<button type="button" class="more" onClick={() => setAll(false)}>fewer</button>
			)}
		</section>
	);
}

function more(rest) {
	const { error, warning } = tally(rest);
	const said = [error > 0 ? `${error} errors` : '', warning > 0 ? `${warning} warnings` : '']
		.filter(Boolean);

	return said.length > 0 ? ` (${said.join(', ')})` : '';
}

function Finding({ finding, time, query, setQuery }) {
	const { severity, side } = finding;

	return (
		<li class={`finding ${severity}`} data-code={finding.code}>
			<span class="mark" title={words[severity]}>
				<span aria-hidden="true">{marks[severity]}</span>
				<span class="hidden-text">{words[severity]}: </span>
			</span>
			<span class={side ? `edge edge-${side}` : 'edge'}>
				{finding.text}{' '}
				{finding.evidence.slice(0, LINKS).map((e, i) => (
					<Evidence key={i} evidence={e} time={time} query={query}
						setQuery={setQuery} />
				))}
			</span>
		</li>
	);
}

/* The tab that shows a kind of evidence; a moment alone is in the ladder. */
function tabOf(e) {
	if (e.message !== undefined)
		return 'messages';
	if (e.leg !== undefined)
		return 'legs';
	if (e.ice !== undefined)
		return 'ice';
	if (e.dtls !== undefined)
		return 'dtls';
	return e.turn !== undefined ? 'turn' : null;
}

function Evidence({ evidence, time, query, setQuery }) {
	function show() {
		const tab = tabOf(evidence);

		setQuery({ tab, m: evidence.message ?? null,
			...(evidence.leg ? { leg: evidence.leg } : {}),
			...(evidence.message !== undefined ? { method: null, dialog: null } : {}) },
		{ replace: true });
		time.show(evidence);
	}
	const active = time.get().evidence?.label === evidence.label &&
		query.tab === (tabOf(evidence) ?? undefined);

	return (
		<button type="button" class={`evidence${active ? ' active' : ''}`} onClick={show}>
			{evidence.label}
		</button>
	);
}
