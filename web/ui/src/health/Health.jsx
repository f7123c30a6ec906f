// The line about the tap in the header: whether what the pages show can be
// trusted. Red when something is wrong; a click says what, and what to do.
import { Menu } from '../components/Menu.jsx';
import { Time } from '../components/Time.jsx';
import { useHealth } from './useHealth.js';
import { healthRows, healthWords } from './words.js';

export default function Health() {
	const { health, error } = useHealth();
	const words = error ? [{ text: 'no answer', bad: true }] :
		health ? healthWords(health) : [];
	const bad = words.some((w) => w.bad) || (health?.warnings.length ?? 0) > 0;

	return (
		<Menu class={`health${bad ? ' wrong' : ''}`} title="Capture, store and recordings"
			label={<Line words={words} />}>
			{error && <p class="bad">{error.message}</p>}
			{health && <Details health={health} />}
		</Menu>
	);
}

function Line({ words }) {
	if (words.length === 0)
		return <span class="muted">health</span>;
	return words.map((w, i) => (
		<span key={i}>
			{i > 0 && <span class="muted" aria-hidden="true"> · </span>}
			<span class={w.bad ? 'bad' : undefined}>{w.text}</span>
		</span>
	));
}

function Details({ health }) {
	return (
		<>
			{health.warnings.length === 0 ? <p>Nothing is wrong.</p> : (
				<ul class="warnings">
					{health.warnings.map((w) => <li key={w.code + w.text}>{w.text}</li>)}
				</ul>
			)}
			{/* It may be longer than the panel: arrows scroll it. */}
			<table class="plain" tabIndex={0}>
				<tbody>
					{healthRows(health).map(([name, value, bad]) => (
						<tr key={name}>
							<th scope="row">{name}</th>
							<td class={`right${bad ? ' bad' : ''}`}>
								{name === 'Last packet' ? <Time value={value} show="both" /> : value}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</>
	);
}
