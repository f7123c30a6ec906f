// Searches by name. A search is its address: the browser keeps only the list.
import { useState } from 'preact/hooks';
import { Menu } from '../../components/Menu.jsx';
import { remember, remembered } from '../../core/theme.js';

const KEY = 'callscope.searches';

function readList() {
	try {
		const list = JSON.parse(remembered(KEY) ?? '[]');

		return Array.isArray(list) ? list.filter((s) => s.name && s.search) : [];
	} catch {
		return [];
	}
}

export function Saved({ search }) {
	const [list, setList] = useState(readList);

	function change(next) {
		setList(next);
		remember(KEY, JSON.stringify(next));
	}

	function save(event) {
		const name = new FormData(event.target).get('name').trim();

		event.preventDefault();
		if (name)
			change([...list.filter((s) => s.name !== name), { name, search }]);
		event.target.reset();
	}

	return (
		<Menu label="Saved" title="Saved searches" class="saved">
			{(close) => (
				<>
					{list.length === 0 && <p class="muted">None yet. The address of a search
						is all of it, too: copy it to share it.</p>}
					<ul class="links">
						{list.map((s) => (
							<li key={s.name}>
								<a href={`/search${s.search}`} onClick={close}>{s.name}</a>
								<button type="button" class="icon" aria-label={`Forget ${s.name}`}
									onClick={() => change(list.filter((o) => o !== s))}>×</button>
							</li>
						))}
					</ul>
					<form onSubmit={save}>
						<input name="name" aria-label="Name of this search" placeholder="name of this search"
							maxLength={60} required />
						<button type="submit">Save</button>
					</form>
				</>
			)}
		</Menu>
	);
}
