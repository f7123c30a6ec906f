// A row on a phone.
import { MosBoth, Party, When } from '../../components/Cells.jsx';
import { duration } from '../../core/format.js';
import { Flags } from './columns.jsx';

export function card(row, href) {
	return (
		<a href={href} class="card-row" tabIndex={-1}>
			<span class="line">
				<span class="who">
					<span class="side-a"><Party row={row} side="caller" /></span>
					<span class="muted"> → </span>
					<span class="side-b"><Party row={row} side="callee" /></span>
				</span>
				<span class={row.state === 'failed' ? 'poor' : ''}>{row.status ?? row.state}</span>
			</span>
			<span class="line">
				<When value={row.start} />
				<span>{duration(row.connect_ms ?? row.duration_ms)}</span>
				<span class="muted">{row.a_codec ?? row.b_codec}</span>
				<MosBoth row={row} />
			</span>
			<span class="line flags"><Flags row={row} /></span>
		</a>
	);
}
