// The head line of a call: when, who, what became of it.
import { useState } from 'preact/hooks';
import { Menu } from '../components/Menu.jsx';
import { Time } from '../components/Time.jsx';
import { mosWithScale } from '../core/format.js';
import { callHref } from '../core/router.js';
import { neighbours, rememberedResult } from '../core/result.js';
import { host } from './facts.js';
import { headline, isTurnAlone, partyName, sideFigures } from './headline.js';
import { Downloads } from './parts.js';

export function Head(props) {
	const { call, uid } = props;
	const result = neighbours(rememberedResult(), uid);

	return (
		<header class="call-head">
			<div class="who">
				<a class="back" href={result?.href ?? '/search'}
					title="Back to the search (Esc)" aria-label="Back to the search">←</a>
				<h1>
					<span class="kind">{call.type === 'call' ? 'call' : 'session'}{' '}
						<Time value={call.start} show="both" ms={false} /></span>{' '}
					<Party call={call} side="a" /> <span class="muted">→</span>{' '}
					<Party call={call} side="b" />
				</h1>
				<Neighbours result={result} />
				<div class="actions">
					{Downloads && (
						<Menu label="Download" title="Packets, sound and the record"
							class="downloads-menu">
							<Downloads call={call} uid={uid} time={props.time}
								session={props.session} />
						</Menu>
					)}
					<Share />
				</div>
			</div>
			<p class="headline">
				<strong class={isBad(call) ? 'bad' : ''}>{headline(call)}</strong>{' '}
				<Figures call={call} side="a" /> <Figures call={call} side="b" />
			</p>
		</header>
	);
}

function isBad(call) {
	return ['failed', 'unanswered'].includes(call.state);
}

function partyTitle(call, side) {
	const party = side === 'a' ? call.caller : call.callee;

	return party ? [party.uri, party.name, party.agent, party.addr].filter(Boolean)
		.join('\n') : `side ${side}`;
}

function Party({ call, side }) {
	const party = side === 'a' ? call.caller : call.callee;
	const alone = side === 'b' && isTurnAlone(call);
	const name = alone ? host(call.turn[0].server) : partyName(call, side);

	return (
		<span class={`side-${side}`} title={partyTitle(call, side)}>
			{party?.name && party.name !== name && <span class="name">{party.name} </span>}
			{name}
		</span>
	);
}

/* "caller PCMA 4.4 NB, 0 % lost" */
function Figures({ call, side }) {
	const f = sideFigures(call, side);
	const name = call.type === 'call' ? (side === 'a' ? 'caller' : 'callee') : `side ${side}`;

	if (!f)
		return null;
	return (
		<span class="figures">
			<span class={`side-${side}`}>{name}</span> {f.codec ?? 'media'}
			{f.mos !== null && ` MOS ${mosWithScale(f.mos, f.scale)}`}
			{f.lossPct !== null && <>, <span class={f.lossPct >= 1 ? 'bad' : ''}>
				{f.loss} % lost</span></>}
		</span>
	);
}

function Neighbours({ result }) {
	if (!result)
		return null;
	const link = (uid, mark, words) => uid ?
		<a href={callHref(uid)} title={words} aria-label={words}>{mark}</a> :
		<span class="muted" aria-hidden="true">{mark}</span>;

	return (
		<nav class="neighbours" aria-label="Calls of the search">
			{link(result.before, '‹', 'Previous call of the search (p)')}
			<span class="muted">{result.at} of {result.of}</span>
			{link(result.after, '›', 'Next call of the search (n)')}
		</nav>
	);
}

/* Copies the address, which holds the whole state of the page. */
function Share() {
	const [said, setSaid] = useState('Share');

	async function copy() {
		try {
			await navigator.clipboard.writeText(location.href);
			setSaid('Link copied');
		} catch {
			setSaid('Copy it from the address bar');
		}
		setTimeout(() => setSaid('Share'), 2500);
	}
	return (
		<button type="button" class="share" onClick={copy}
			title="Copy a link to just this view">
			<span aria-live="polite">{said}</span>
		</button>
	);
}
