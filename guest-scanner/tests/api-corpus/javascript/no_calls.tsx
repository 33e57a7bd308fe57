import { Link } from './link';
import type { Fetcher } from './fetch';

const SVG = 'http://www.w3.org/2000/svg';
export const schema = { $schema: 'http://json-schema.org/draft-07/schema#', $id: 'https://example.com/schema.json' };

export class Store {
  private items = new Map<string, string>();
  get(url: string) { return this.items.get(url); }
  fetch(url: string): Promise<string> { return Promise.resolve(url); }
}

export const App = () => (
  <svg xmlns={SVG}>
    <Link href="https://example.com/about">About</Link>
  </svg>
);
