// What NAT each side is behind.
import { natRows, natShort } from './nat_words.js';

export function Nats({ call }) {
	const rows = natRows(call);

	if (rows.length === 0)
		return null;
	return (
		<section class="nats">
			<h2>NAT</h2>
			<ul>
				{rows.map((row) => (
					<li key={row.nat.addr + row.nat.class}>
						<b class={row.side ? `side-${row.side}` : 'muted'}>{row.side ?? '?'}</b>
						<span class="badge">{natShort(row.nat)}</span>{' '}
						{row.text}
						{row.more > 0 && <span class="muted"> The same for {row.more} more
							of its ports.</span>}
					</li>
				))}
			</ul>
		</section>
	);
}
