/** The whole page. */
export function App() {
  return <main className="p-4">Gannet</main>;
}
