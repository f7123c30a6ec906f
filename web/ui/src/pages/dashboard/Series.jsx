// Figures over time: charts that share crosshair and range. Dragging chooses
// a range, a double click goes back.
import { useMemo, useRef } from 'preact/hooks';
import { Chart } from '../../components/Chart.jsx';
import { bounds, chartData, unzoomQuery, zoomQuery } from '../../core/dashboard.js';
import { mos, number, percent } from '../../core/format.js';

const charts = [
	{
		title: 'Calls', names: ['calls', 'answered', 'failed'], format: number,
		series: [
			{ label: 'all', colour: '--accent', fill: true },
			{ label: 'answered', colour: '--good' },
			{ label: 'failed', colour: '--bad' },
		],
	},
	{
		title: 'Calls at once', unit: 'most in the step', names: ['concurrent'],
		format: number, series: [{ label: 'at once', colour: '--accent', fill: true }],
	},
	{
		title: 'ASR', unit: '%', names: ['asr_pct'], format: percent, range: [0, 100],
		worse: 'min', series: [{ label: 'ASR', colour: '--accent' }],
	},
	{
		title: 'MOS', unit: 'mean', names: ['mos_mean'], format: mos, range: [1, 5],
		worse: 'min', series: [{ label: 'MOS', colour: '--accent' }],
	},
	{
		title: 'Loss', unit: '% mean', names: ['loss_pct_mean'], format: percent,
		series: [{ label: 'loss', colour: '--bad' }],
	},
];

/* Charts that share a range all tell of one drag: it is one step. */
function useOnce(act) {
	const done = useRef(false);

	return (range) => {
		if (done.current)
			return;
		done.current = true;
		setTimeout(() => {
			done.current = false;
		});
		act(range);
	};
}

export function Series({ stats, query, setQuery }) {
	const onZoom = useOnce((range) =>
		setQuery(range ? zoomQuery(range, query) : unzoomQuery(query)));

	return (
		<section aria-label="Over time">
			<div class="series">
				{charts.map((c) => (
					<One key={c.title} chart={c} stats={stats} onZoom={onZoom} />
				))}
			</div>
			<p class="muted hint">
				Drag over a chart for a shorter time
				{query.was !== undefined && <>, or go <Back query={query} setQuery={setQuery} /></>}.
			</p>
		</section>
	);
}

/* To the range that was shown before the first drag. */
export function Back({ query, setQuery }) {
	return (
		<button type="button" class="link" onClick={() => setQuery(unzoomQuery(query))}>
			back to the whole
		</button>
	);
}

function One({ chart, stats, onZoom }) {
	const { names, ...more } = chart;
	const data = useMemo(() => chartData(stats.series, names), [stats]);

	return (
		<Chart {...more} data={data} x="time" sync="dashboard" height={150}
			bounds={bounds(stats)} onZoom={onZoom} />
	);
}
