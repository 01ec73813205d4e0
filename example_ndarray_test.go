package znsocket_test

import (
	"encoding/json"
	"fmt"

	"github.com/znsocket/znsocket"
)

func ExampleNDArray() {
	// What Python stored for np.array([1.5, 2.5]) with znjson's converters.
	stored := `{"_type":"np.ndarray_small","value":[1.5,2.5]}`

	var a znsocket.NDArray
	if err := json.Unmarshal([]byte(stored), &a); err != nil {
		panic(err)
	}
	fmt.Println(a.Shape, a.Data)
	// Output: [2] [1.5 2.5]
}

func ExampleNewNDArray() {
	rows, _ := znsocket.NewNDArray([][]float64{{1, 2, 3}, {4, 5, 6}})
	fmt.Println(rows.Shape, rows.Data)

	flat := []float32{1, 2, 3, 4}
	square, _ := znsocket.NewNDArray(flat, 2, 2)
	fmt.Println(square.Shape, square.Data)
	// Output:
	// [2 3] [1 2 3 4 5 6]
	// [2 2] [1 2 3 4]
}

func ExampleNDArray_At() {
	a, _ := znsocket.NewNDArray([][]float64{{1, 2, 3}, {4, 5, 6}})
	first, _ := a.At(0, 0)
	last, _ := a.At(-1, -1)
	fmt.Println(first, last)
	// Output: 1 6
}

func ExampleNDArray_Into() {
	a, _ := znsocket.NewNDArray([]int32{1, 2, 3, 4}, 2, 2)
	var rows [][]float64
	if err := a.Into(&rows); err != nil {
		panic(err)
	}
	fmt.Println(rows)
	// Output: [[1 2] [3 4]]
}
