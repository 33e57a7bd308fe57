import axios, { AxiosError } from 'axios';
import type { Cart, Quote, Receipt } from './types';

const PAYMENTS_URL = process.env.PAYMENTS_URL || 'https://payments.example/v1';

const shipping = axios.create({
  baseURL: 'https://shipping.example/api',
  timeout: 4000,
});

export class CheckoutError extends Error {
  readonly help = 'https://shop.example/help/checkout';
}

export async function quote(cart: Cart): Promise<Quote> {
  const { data } = await shipping.post<Quote>('/quotes', { items: cart.items, to: cart.address });
  return data;
}

export async function slots(postcode: string): Promise<string[]> {
  const answer = await shipping.get<string[]>(`/slots/${postcode}`, { params: { days: 5 } });
  return answer.data;
}

export async function pay(cart: Cart, token: string): Promise<Receipt> {
  const response = await fetch(`${PAYMENTS_URL}/charges`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ amount: cart.total, currency: cart.currency }),
  });
  if (!response.ok) {
    throw new CheckoutError(`charge failed: ${response.status}`);
  }
  return response.json();
}

export async function refund(charge: string): Promise<void> {
  try {
    await axios.post(`${PAYMENTS_URL}/charges/${charge}/refunds`);
  } catch (error) {
    if ((error as AxiosError).response?.status !== 409) throw error;
  }
}

export const receipts = new Map<string, Receipt>();

export function cachedReceipt(id: string): Receipt | undefined {
  return receipts.get(id);
}

export const rates = () => fetch('https://rates.example/latest.json').then((response) => response.json());
