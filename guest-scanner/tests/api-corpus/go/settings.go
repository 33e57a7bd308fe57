package settings

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// Namespace is that of the settings, not an address that anything asks.
const namespace = "http://www.w3.org/2005/Atom"

// ErrAddress says that an address is none.
var ErrAddress = errors.New("not an address, expected something like https://host.example/path")

// Settings are read from XML.
type Settings struct {
	XMLName xml.Name          `xml:"http://www.w3.org/2005/Atom feed"`
	Values  map[string]string `xml:"-"`
	headers http.Header
}

// Get returns a value.
func (s *Settings) Get(key string) string { return s.Values[key] }

// Host returns the host of an address.
func Host(address string) (string, error) {
	if !strings.HasPrefix(address, "http://") && !strings.HasPrefix(address, "https://") {
		return "", ErrAddress
	}
	parsed, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	return parsed.Hostname(), nil
}

// Serve answers with a value.
func (s *Settings) Serve(w http.ResponseWriter, r *http.Request) {
	key := r.URL.Query().Get("key")
	if r.Method != http.MethodGet || s.headers.Get("X-Off") != "" {
		http.Error(w, "no", http.StatusMethodNotAllowed)
		return
	}
	_, _ = w.Write([]byte(s.Get(key)))
}
