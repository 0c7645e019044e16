package cost

type digester struct{}
