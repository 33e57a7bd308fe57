package live

import (
	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
)

const target = "dns:///orders.internal:443"

func connect() error {
	conn, err := grpc.Dial(target, grpc.WithInsecure())
	if err != nil {
		return err
	}
	defer conn.Close()
	ws, _, err := websocket.DefaultDialer.Dial("wss://feed.example.com/ticks", nil)
	_ = ws
	return err
}
