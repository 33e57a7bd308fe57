const API_ROOT = 'https://api.shop.example.com';

// fetch('https://api.shop.example.com/commented')
/* fetch("/block") */
export async function product(id) {
  const res = await fetch(`${API_ROOT}/products/${id}`);
  return res.json();
}

export const buy = (id, token) =>
  fetch(API_ROOT + '/orders', {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}` },
    body: JSON.stringify({ id, note: "it's fetch('x')" }),
  });

export function cancel(order) {
  const options = { method: 'DELETE', credentials: 'include' };
  return fetch(`/api/orders/${encodeURIComponent(order.id)}`, options);
}

const pattern = /fetch\(["'](https?:\/\/[^"']+)/;
