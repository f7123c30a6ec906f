// How calls are spread: each bar is a link to its calls.
import { barsOf, callsHref } from '../../core/dashboard.js';
import { count, number } from '../../core/format.js';

const kinds = [
	['mos', 'MOS', 'worse side'],
	['loss', 'Loss', '% of the worse side'],
	['pdd', 'Post-dial delay', 'ms'],
];

export function Histograms({ stats, asked }) {
	return (
		<section class="histograms" aria-label="How calls are spread">
			{kinds.filter(([name]) => stats[name]).map(([name, title, unit]) => (
				<figure key={name}>
					<figcaption>{title}<span class="unit">{unit}, from</span></figcaption>
					<ul class="bars">
						{barsOf(name, stats[name]).map((bar) => (
							<Bar key={bar.label} bar={bar} asked={asked} />
						))}
					</ul>
				</figure>
			))}
		</section>
	);
}

function Bar({ bar, asked }) {
	const column = (
		<>
			<span class="n">{bar.count > 0 && number(bar.count)}</span>
			{bar.count > 0 &&
				<span class="bar" style={{ height: `${Math.round(bar.share * 72)}px` }} />}
		</>
	);

	return (
		<li title={bar.label}>
			{bar.count === 0 ? <span class="column">{column}</span> : (
				<a class="column" href={callsHref(asked, bar.q)}
					aria-label={`${count(bar.count, 'call')}, ${bar.label}`}>
					{column}
				</a>
			)}
			<span class="label">{bar.low}</span>
		</li>
	);
}
