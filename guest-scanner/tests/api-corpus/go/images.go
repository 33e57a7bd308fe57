package images

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Images are served by https://images.example, see https://docs.images.example.
const apiRoot = "https://api.images.example/v1"

const userAgent = "thumbs/1.0 (+https://thumbs.example)"

// Store keeps images.
type Store struct {
	client *http.Client
	key    string
}

// New makes a store.
func New(key string) *Store {
	return &Store{client: &http.Client{Timeout: 20 * time.Second}, key: key}
}

func (s *Store) send(req *http.Request, into interface{}) error {
	req.Header.Set("User-Agent", userAgent)
	req.Header.Set("X-Api-Key", s.key)
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return fmt.Errorf("images: %s", resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// Upload puts an image into an album.
func (s *Store) Upload(ctx context.Context, album string, image io.Reader) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, apiRoot+"/albums/"+album+"/images", image)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	var made struct {
		ID string `json:"id"`
	}
	err = s.send(req, &made)
	return made.ID, err
}

// Rename gives an image another name.
func (s *Store) Rename(ctx context.Context, id, name string) error {
	body, err := json.Marshal(map[string]string{"name": name})
	if err != nil {
		return err
	}
	url := fmt.Sprintf("%s/images/%s", apiRoot, id)
	req, err := http.NewRequestWithContext(ctx, "PATCH", url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	return s.send(req, &struct{}{})
}

// Raw fetches the bytes of an image.
func Raw(id string) ([]byte, error) {
	resp, err := http.Get("https://cdn.images.example/raw/" + id)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(resp.Body)
}
