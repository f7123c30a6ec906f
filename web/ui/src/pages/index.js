// The pages. `path` is the first part of the address, `load` the module, whose
// default export is the page's component (props: params, query, setQuery).
// Pages with `nav` are in the header, those with `role` only for that role and
// the ones above it.
export const pages = [
	{
		path: 'search', title: 'Search', nav: true,
		load: () => import('./search/index.jsx'),
	},
	{
		path: 'call', title: 'Call',
		load: () => import('./call/index.jsx'),
	},
	{
		path: 'live', title: 'Live', nav: true,
		load: () => import('./live/index.jsx'),
	},
	{
		path: 'dashboard', title: 'Dashboard', nav: true,
		load: () => import('./dashboard/index.jsx'),
	},
	{
		path: 'registrations', title: 'Registrations', nav: true,
		load: () => import('./registrations/index.jsx'),
	},
	{
		path: 'transactions', title: 'Transactions', nav: true,
		load: () => import('./transactions/index.jsx'),
	},
	{
		path: 'audit', title: 'Audit', role: 'admin',
		load: () => import('./audit/index.jsx'),
	},
	{
		path: 'help', title: 'Help',
		load: () => import('./help/index.jsx'),
	},
];

export const roles = ['viewer', 'analyst', 'admin'];

/* Whether a role may what `needed` may. */
export function roleAtLeast(role, needed) {
	return roles.indexOf(role) >= roles.indexOf(needed || 'viewer');
}
