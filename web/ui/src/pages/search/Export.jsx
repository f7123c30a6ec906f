// What can be taken away of a result.
import { Menu } from '../../components/Menu.jsx';
import { apiUrl } from '../../core/api.js';
import { useMay } from '../../shell/Session.jsx';

const ROWS = 1000000;
const CALLS = 1000;

/* /export/pcap knows no from and to: the box's words say the same. */
function whole({ q, from, to }) {
	return [q, from && `from:${from}`, to && `to:${to}`].filter(Boolean).join(' ');
}

export function Export({ params }) {
	const payload = useMay('analyst');
	const rows = (format) => apiUrl('/calls', { ...params, format, limit: ROWS });

	return (
		<Menu label="Export" title="Take the result with you">
			{(close) => (
				<ul class="links" onClick={close}>
					<li><a href={rows('csv')} download="calls.csv">CSV, all rows</a></li>
					<li><a href={rows('jsonl')} download="calls.jsonl">JSON lines, all rows</a></li>
					<li>{payload ? (
						<a href={apiUrl('/export/pcap', { q: whole(params), limit: CALLS })}
							download="calls.pcap">pcap, up to {CALLS} calls</a>
					) : <span class="muted">pcap: for the role analyst</span>}</li>
				</ul>
			)}
		</Menu>
	);
}
