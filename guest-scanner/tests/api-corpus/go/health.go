package health

import (
	"net/http"
	"os"
)

func Check() bool {
	host := os.Getenv("HEALTH_HOST")
	resp, err := http.Get("http://" + host + "/healthz")
	if err != nil {
		return false
	}
	return resp.StatusCode == 200
}

func Notify(webhook string) {
	http.Post(webhook, "application/json", nil)
	http.PostForm(`https://hooks.example.com/form`, nil)
}
