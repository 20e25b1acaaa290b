// Package liuke is the root of the module: it holds the test that keeps imports pointing down the tiers of
// docs/ARCHITECTURE.md, and nothing else. The program is cmd/liuke.
package liuke
