// Loss runs and delays of a stream as bars.
import { delayBars, hasLate, hasRuns, lossRunBars } from './histogram.js';
import { streamName } from './stream_names.js';
import { number } from '../core/format.js';

export function Histograms({ streams, looks }) {
	const some = streams.filter((s) => hasRuns(s) || hasLate(s));

	if (some.length === 0)
		return null;
	return (
		<div class="histograms">
			{some.map((s) => (
				<div key={s.stream_uid}
					style={{ '--bar': `var(${looks[s.stream_uid]?.colour ?? '--muted'})` }}>
					<h3>{looks[s.stream_uid]?.name ?? streamName(s, streams)}</h3>
					{hasRuns(s) && <Bars title="Lost in a row" unit="packets"
						bars={lossRunBars(s)} />}
					{hasLate(s) && <Bars title="Behind the least delay" unit="ms"
						bars={delayBars(s)} />}
				</div>
			))}
		</div>
	);
}

function Bars({ title, unit, bars }) {
	return (
		<table class="bars">
			<caption>{title}<span class="unit">{unit}</span></caption>
			<tbody>
				{bars.map((b) => (
					<tr key={b.label}>
						<th scope="row">{b.label}</th>
						<td>{number(b.count)}</td>
						<td aria-hidden="true">
							<i class={b.apart ? 'apart' : ''}
								style={{ width: `${b.count ? Math.max(2, b.part * 100) : 0}%` }} />
						</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
