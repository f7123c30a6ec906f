import { useId } from 'preact/hooks';

/* Tabs: [{ key, title, count }]; `value` is the chosen key, onChange(key) puts
 * it into the address. The children are the chosen one's panel. */
export function Tabs({ tabs, value, onChange, label, children }) {
	const id = useId();
	const chosen = tabs.some((t) => t.key === value) ? value : tabs[0]?.key;

	function moved(event) {
		const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];

		if (!by)
			return;
		const at = tabs.findIndex((t) => t.key === chosen);
		const next = tabs[(at + by + tabs.length) % tabs.length];

		event.preventDefault();
		onChange(next.key);
		document.getElementById(`${id}-${next.key}`)?.focus();
	}

	return (
		<div class="tabs">
			<div role="tablist" aria-label={label} onKeyDown={moved}>
				{tabs.map((t) => (
					<button type="button" role="tab" key={t.key}
						id={`${id}-${t.key}`} aria-controls={`${id}-panel`}
						aria-selected={t.key === chosen}
						tabIndex={t.key === chosen ? 0 : -1}
						onClick={() => onChange(t.key)}>
						{t.title}
						{t.count !== undefined && <span class="count">{t.count}</span>}
					</button>
				))}
			</div>
			<div role="tabpanel" id={`${id}-panel`} tabIndex={0}
				aria-labelledby={`${id}-${chosen}`}>
				{children}
			</div>
		</div>
	);
}
