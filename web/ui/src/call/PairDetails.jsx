// One candidate pair: what was sent each way, and why it ended as it did.
import { number } from '../core/format.js';
import { Time } from '../components/Time.jsx';
import { pairName, pairWhy } from './ice_words.js';

export function PairDetails({ pair }) {
	return (
		<div class="pair-details" aria-live="polite">
			<h3>{pairName(pair)}</h3>
			<p>{pairWhy(pair)}</p>
			<table class="plain">
				<thead>
					<tr>
						<th scope="col">checks</th>
						<th scope="col" class="right">requests</th>
						<th scope="col" class="right">sent again</th>
						<th scope="col" class="right">answers</th>
						<th scope="col" class="right">errors</th>
						<th scope="col" class="right">round trip
							<span class="unit">ms, at the tap</span></th>
					</tr>
				</thead>
				<tbody>
					<Way name="a → b" side="a" way={pair.ab} />
					<Way name="b → a" side="b" way={pair.ba} />
				</tbody>
			</table>
			<p class="facts">
				{[
					pair.nominated ? 'nominated' : 'not nominated',
					pair.selected && 'selected',
					pair.via_relay && 'through a relay',
					pair.consent_lost && 'consent lost',
					pair.transport,
					pair.component && `component ${pair.component}`,
				].filter(Boolean).map((f) => <span key={f} class="badge">{f}</span>)}
				{pair.first && <> checks from <Time value={pair.first} /> to{' '}
					<Time value={pair.last} /></>}
			</p>
		</div>
	);
}

function Way({ name, side, way }) {
	return (
		<tr>
			<th scope="row" class={`side-${side}`}>{name}</th>
			<td class="right">{number(way.requests)}</td>
			<td class="right">{number(way.retransmissions)}</td>
			<td class="right">{number(way.responses)}</td>
			<td class="right">{number(way.errors)}</td>
			<td class="right">{number(way.rtt_ms_mean, 1)}</td>
		</tr>
	);
}
