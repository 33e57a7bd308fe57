package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

const baseURL = "https://api.github.com"

// Client calls http.Get("https://comment.example").
type Client struct {
	http  *http.Client
	token string
}

func (c *Client) Repo(ctx context.Context, owner, name string) (*http.Response, error) {
	u := fmt.Sprintf("%s/repos/%s/%s", baseURL, owner, url.PathEscape(name))
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	return c.http.Do(req)
}

func (c *Client) Zen() (*http.Response, error) {
	return c.http.Get(baseURL + "/zen")
}

func Create(body string) error {
	req, err := http.NewRequest("POST", "https://api.github.com/gists", strings.NewReader(body))
	_ = req
	return err
}
