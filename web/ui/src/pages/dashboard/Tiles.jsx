import { callsHref, tilesOf } from '../../core/dashboard.js';

export function Tiles({ stats, asked }) {
	return (
		<dl class="tiles">
			{tilesOf(stats).map((t) => (
				<div key={t.key} class="tile" title={t.about}>
					<dt>{t.title}</dt>
					<dd>
						<Value tile={t} asked={asked} />
						<Below tile={t} asked={asked} />
					</dd>
				</div>
			))}
		</dl>
	);
}

function Value({ tile, asked }) {
	const { value, unit, q } = tile;

	return (
		<span class="value">
			{q === null ? value : <a href={callsHref(asked, q)}>{value}</a>}
			{unit && <span class="unit">{unit}</span>}
		</span>
	);
}

/* A second figure. */
function Below({ tile, asked }) {
	if (tile.more > 0)
		return (
			<a class={`below ${tile.bad ? 'poor' : ''}`} href={callsHref(asked, tile.moreQ)}>
				{tile.moreText}
			</a>
		);
	return tile.note ? <span class="below muted">{tile.note}</span> : null;
}
