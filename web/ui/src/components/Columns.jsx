import { Menu } from './Menu.jsx';

/* Which columns of a table are shown: all of them, the chosen keys in order. */
export function Columns({ all, chosen, onChange, onDefault, isDefault }) {
	function toggle(key) {
		const now = new Set(chosen);

		if (!now.delete(key))
			now.add(key);
		onChange(all.map((c) => c.key).filter((k) => now.has(k)));
	}

	return (
		<Menu label="Columns" class="columns">
			<fieldset>
				<legend>Columns</legend>
				{all.map((c) => (
					<label key={c.key}>
						<input type="checkbox" checked={chosen.includes(c.key)}
							onChange={() => toggle(c.key)} />
						{c.long ?? c.title}
					</label>
				))}
			</fieldset>
			<div class="actions">
				<button type="button" disabled={isDefault} onClick={onDefault}>
					Keep as default
				</button>
				<button type="button" onClick={() => onChange(null)}>Reset</button>
			</div>
		</Menu>
	);
}
