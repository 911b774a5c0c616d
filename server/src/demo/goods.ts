/** What the demo shop sells, and where. The makes are invented. */
export type Kind = 'fridge' | 'washer' | 'tv' | 'aircon' | 'phone' | 'laptop' | 'kitchen' | 'water' | 'robot' | 'audio';

/** name, price in thousands of đồng */
export const goods: Record<Kind, { short: string; fault: string[]; items: [name: string, price: number][] }> = {
  fridge: {
    short: 'tủ',
    fault: ['ngăn mát không lạnh', 'kêu ù ù cả đêm', 'chảy nước ra sàn', 'báo lỗi E6', 'ngăn đá đóng tuyết dày'],
    items: [
      ['tủ lạnh Sakuto Inverter 340 lít', 10_490],
      ['tủ lạnh Norven Side by Side 550 lít', 18_990],
      ['tủ lạnh Tavina 2 cánh 180 lít', 5_290],
      ['tủ lạnh Sakuto 4 cánh 488 lít', 21_690],
      ['tủ lạnh Tavina 3 cánh 260 lít', 8_190],
    ],
  },
  washer: {
    short: 'máy',
    fault: ['rung mạnh lúc vắt', 'báo lỗi UE giữa chừng', 'không xả nước', 'không mở được cửa', 'kêu rít khi quay'],
    items: [
      ['máy giặt cửa trước Norven 9 kg', 8_990],
      ['máy giặt cửa trên Tavina 8,5 kg', 4_790],
      ['máy giặt sấy Sakuto 10,5 kg', 16_490],
      ['máy giặt lồng nghiêng Norven 11 kg', 13_990],
    ],
  },
  tv: {
    short: 'tivi',
    fault: ['có sọc dọc màn hình', 'tự tắt sau 10 phút', 'không vào được YouTube', 'có tiếng mà không có hình', 'remote bấm không ăn'],
    items: [
      ['tivi Lumex 4K 55 inch', 11_290],
      ['tivi Lumex QLED 65 inch', 19_490],
      ['tivi Hanoka 43 inch', 6_390],
      ['tivi Lumex OLED 55 inch', 27_900],
      ['tivi Hanoka 32 inch', 3_990],
    ],
  },
  aircon: {
    short: 'máy lạnh',
    fault: ['chảy nước dàn lạnh', 'chạy mà không mát', 'báo đèn nháy lỗi H11', 'có mùi hôi khi bật', 'cục nóng kêu to'],
    items: [
      ['máy lạnh Norven Inverter 1 HP', 8_690],
      ['máy lạnh Sakuto Inverter 1,5 HP', 11_990],
      ['máy lạnh Tavina 2 HP', 14_290],
      ['điều hòa hai chiều Sakuto 12.000 BTU', 13_490],
    ],
  },
  phone: {
    short: 'máy',
    fault: ['sạc không vào', 'sọc xanh màn hình', 'nóng ran khi gọi video', 'tự khởi động lại', 'loa trong rè'],
    items: [
      ['điện thoại Vela S11 256 GB', 12_990],
      ['điện thoại Vela A5 128 GB', 4_690],
      ['điện thoại Orisa Note 9 Pro', 7_990],
      ['máy tính bảng Orisa Tab 11 inch', 6_790],
    ],
  },
  laptop: {
    short: 'máy',
    fault: ['không lên nguồn', 'quạt hú liên tục', 'bàn phím liệt mấy nút', 'pin tụt còn 40 phút', 'màn hình chớp tắt'],
    items: [
      ['laptop Kestra Air 14 i5/16 GB', 17_490],
      ['laptop Kestra Pro 16 Ryzen 7', 24_990],
      ['laptop Orisa Book 15 i3', 10_990],
      ['laptop Kestra Game 15 RTX', 22_490],
    ],
  },
  kitchen: {
    short: 'máy',
    fault: ['không lên nguồn', 'báo lỗi E4', 'chập chờn lúc được lúc không', 'nhảy aptomat khi bật', 'kêu to bất thường'],
    items: [
      ['nồi chiên không dầu Hoamai 6 lít', 1_890],
      ['bếp từ đôi Hoamai HB-702', 7_490],
      ['lò vi sóng Sakuto 25 lít', 2_590],
      ['nồi cơm điện cao tần Hoamai 1,8 lít', 2_190],
      ['máy rửa chén Norven 13 bộ', 12_490],
      ['máy hút mùi Hoamai 90 cm', 4_990],
    ],
  },
  water: {
    short: 'máy',
    fault: ['rò nước dưới chân', 'không ra nước', 'báo đèn đỏ thay lõi', 'nước ra rất yếu', 'bơm kêu liên tục'],
    items: [
      ['máy lọc nước RO Thanh Tuyền 10 lõi', 6_290],
      ['máy lọc nước nóng lạnh Thanh Tuyền', 8_990],
      ['cây nước nóng lạnh Hoamai', 3_490],
    ],
  },
  robot: {
    short: 'máy',
    fault: ['không về dock sạc', 'báo kẹt bánh xe', 'hút rất yếu', 'không kết nối được wifi', 'chạy vòng vòng một chỗ'],
    items: [
      ['robot hút bụi Velo R8', 8_490],
      ['robot lau nhà Velo X2 Ultra', 14_990],
      ['robot hút bụi Norven D9', 5_990],
      ['robot lau kính Velo W1', 4_290],
    ],
  },
  audio: {
    short: 'máy',
    fault: ['mất tiếng một bên', 'bluetooth chập chờn', 'tự tắt nguồn', 'rè khi mở to'],
    items: [
      ['loa kéo karaoke Hanoka K12', 4_490],
      ['soundbar Lumex 3.1', 5_290],
      ['tai nghe chống ồn Velo Buds Pro', 2_790],
      ['loa bluetooth Hanoka Mini', 1_290],
    ],
  },
};

/** streets and quarters by city, then the branch that serves it */
const places: Record<string, { at: string[]; branch: string[] }> = {
  'Hà Nội': {
    at: [
      'ngõ 68 Cầu Giấy',
      'chung cư Times City, Hai Bà Trưng',
      'phố Kim Ngưu',
      'KĐT Linh Đàm, Hoàng Mai',
      'ngõ 12 Láng Hạ, Đống Đa',
      'đường Nguyễn Trãi, Thanh Xuân',
    ],
    branch: ['Cầu Giấy', 'Hà Đông', 'Long Biên'],
  },
  'TP. Hồ Chí Minh': {
    at: [
      'hẻm 285 Cách Mạng Tháng Tám, quận 10',
      'đường Lê Văn Việt, Thủ Đức',
      'đường Phan Xích Long, Phú Nhuận',
      'chung cư Sunrise, quận 7',
      'đường Âu Cơ, Tân Bình',
    ],
    branch: ['quận 10', 'Thủ Đức', 'Gò Vấp'],
  },
  'Đà Nẵng': { at: ['đường Trần Phú, Hải Châu', 'đường Nguyễn Hữu Thọ, Cẩm Lệ', 'đường Ngô Quyền, Sơn Trà'], branch: ['Hải Châu'] },
  'Hải Phòng': { at: ['đường Lạch Tray, Ngô Quyền', 'phố Cát Dài, Lê Chân'], branch: ['Lê Chân'] },
  'Cần Thơ': { at: ['đường 30 Tháng 4, Ninh Kiều', 'đường Lê Hồng Phong, Bình Thủy'], branch: ['Ninh Kiều'] },
  Huế: { at: ['đường Lê Lợi, phường Vĩnh Ninh', 'kiệt 42 Nguyễn Công Trứ'], branch: ['Huế'] },
};

export function placeIn(city: string): { at: string[]; branch: string[] } {
  const quarter = ['phường Trung Tâm', 'thôn 3', 'khu phố 5', 'đường Trần Hưng Đạo', 'đường Hùng Vương', 'đường Lê Duẩn'];
  return places[city] ?? { at: quarter.map((name) => `${name}, ${city}`), branch: [city] };
}

export const technicians = ['Dũng', 'Toàn', 'Sơn', 'Phong', 'Hậu', 'Tín', 'Khải', 'Lực'];
