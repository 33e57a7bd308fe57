import axios from 'axios';
import useSWR from 'swr';
import { io } from 'socket.io-client';
import { gql, request } from 'graphql-request';

const api = axios.create({
  baseURL: process.env.API_URL ?? 'https://api.board.example.com',
  headers: { 'X-Client': 'web' },
});

const fetcher = (path: string) => api.get(path).then((answer) => answer.data);

export function useBoard(id: string) {
  return useSWR(`/boards/${id}`, fetcher);
}

export const move = (card: string, list: string) => api.put(`/cards/${card}`, { list });
export const remove = async (card: string) => { await api.delete('/cards/' + card); };

export const socket = io('wss://live.board.example.com', { transports: ['websocket'] });

const QUERY = gql`{ boards { id title } }`;
export const boards = () => request('https://graph.board.example.com/graphql', QUERY);

export const avatar = (user: string) => `https://avatars.board.example.com/${user}.png`;
