// TURN allocations, and what each relay refused, carried and added.
import { Empty } from '../components/Notes.jsx';
import { Time } from '../components/Time.jsx';
import { bytes, number } from '../core/format.js';
import { Nats } from './Nats.jsx';
import { integrityWords, relayOwn, turnDenied, turnState } from './turn_words.js';
import { useEvidence, useInView } from './use_evidence.js';

export default function Turn({ call, time }) {
	const pointed = useEvidence(time, 'turn')?.turn;

	return (
		<div class="webrtc">
			{call.turn.length === 0 ?
				<Empty title="No TURN">No relay was asked for an allocation.</Empty> :
				call.turn.map((turn, i) => (
					<Allocation key={i} turn={turn} pointed={i === pointed} />
				))}
			{call.ice.length === 0 && <Nats call={call} />}
		</div>
	);
}

function Allocation({ turn, pointed }) {
	const ref = useInView(pointed);
	const state = turnState(turn);
	const denied = turnDenied(turn);

	return (
		<article class={`card${pointed ? ' pointed' : ''}`} ref={ref}>
			<h2>{turn.client} → {turn.server} <span class="badge">{turn.transport}</span></h2>
			<p class={state.bad ? 'bad' : ''}>{capital(state.text)}.</p>
			{denied.map((text) => <p key={text} class="bad">Refused: {text}.</p>)}
			<dl class="facts">
				<dt>relayed address</dt><dd class="mono">{turn.relayed ?? '–'}</dd>
				<dt>client as the server sees it</dt><dd class="mono">{turn.mapped ?? '–'}</dd>
				<dt>created, closed</dt><dd>
					<Time value={turn.created} />, <Time value={turn.closed} /></dd>
				<dt>lifetime</dt><dd>{number(turn.lifetime_s)}<span class="unit">s</span></dd>
				<dt>from the client</dt><dd>{number(turn.packets_up)} packets,{' '}
					{bytes(turn.bytes_up)}</dd>
				<dt>to the client</dt><dd>{number(turn.packets_down)} packets,{' '}
					{bytes(turn.bytes_down)}</dd>
				<dt>what the relay adds</dt><dd>{relayOwn(turn)}</dd>
				<dt>user, realm</dt><dd>{turn.username ?? '–'}, {turn.realm ?? '–'}</dd>
				<dt>integrity</dt><dd class={turn.integrity === 'wrong' ? 'bad' : ''}>
					{integrityWords(turn)}</dd>
				<dt>software</dt><dd>{turn.software ?? '–'}</dd>
			</dl>
			<Grants title="Permissions" rows={turn.permissions} />
			<Grants title="Channels" rows={turn.channels} />
		</article>
	);
}

function capital(text) {
	return text[0].toUpperCase() + text.slice(1);
}

function Grants({ title, rows }) {
	if (rows.length === 0)
		return null;
	return (
		<table class="plain">
			<caption>{title}</caption>
			<thead>
				<tr>
					<th scope="col">peer</th>
					<th scope="col">granted</th>
					<th scope="col">until</th>
				</tr>
			</thead>
			<tbody>
				{rows.map((r, i) => (
					<tr key={i}>
						<td class="mono">{r.channel && `${r.channel} `}{r.peer}</td>
						<td>{r.error ? <span class="bad">refused: {r.error}</span> :
							<Time value={r.created} />}</td>
						<td><Time value={r.expires} ms={false} /></td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
