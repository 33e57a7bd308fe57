package main

import (
	"fmt"
	"net/http"
)

/*
http.Get("https://block.example")
*/
func main() {
	http.HandleFunc("/users", func(w http.ResponseWriter, r *http.Request) {
		name := r.URL.Query().Get("name")
		fmt.Fprintf(w, "hello %s, see https://example.com/help", name)
	})
	http.ListenAndServe(":8080", nil)
}

func header(h http.Header) string { return h.Get("https://not-a-call") }
