package main

import "liuke/api"

type openapiCommand struct{}

// Run prints the OpenAPI document.
func (openapiCommand) Run(w *world) error {
	text, err := api.Document()
	if err != nil {
		return err
	}
	_, err = w.stdout.Write(text)
	return err
}
