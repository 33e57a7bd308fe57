import React, { useEffect } from 'react';
import { io } from 'socket.io-client';
import { ApolloClient, InMemoryCache } from '@apollo/client';

export const apollo = new ApolloClient({
  uri: 'https://gql.example.com/graphql',
  cache: new InMemoryCache(),
});

export function Live({ room }) {
  useEffect(() => {
    const ws = new WebSocket(`wss://live.example.com/rooms/${room}`);
    const socket = io('https://push.example.com');
    return () => { ws.close(); socket.close(); };
  }, [room]);
  return <p>Don't call <a href="https://example.com/help">fetch('/help')</a> here</p>;
}
