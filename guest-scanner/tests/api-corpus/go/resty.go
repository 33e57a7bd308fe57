package pay

import "github.com/go-resty/resty/v2"

func Charge(id string, amount int) error {
	client := resty.New().SetBaseURL("https://pay.example.com/v1")
	_, err := client.R().
		SetBody(map[string]int{"amount": amount}).
		Post("/charges/" + id)
	return err
}

func Refund(client *resty.Client, id string) error {
	_, err := client.R().SetAuthToken("x").Delete("https://pay.example.com/v1/charges/" + id)
	return err
}
