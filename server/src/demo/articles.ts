/** What the demo shop's agents look up: policies, instructions and scripts, in keeping with what its conversations promise. */
import { v7 as uuid } from 'uuid';
import type { Rows } from '../../../src/shared/domain.ts';

type Kind = Rows['article']['kind'];

const text = (...paragraphs: string[]) => paragraphs.join('\n\n');

const written: [kind: Kind, title: string, body: string][] = [
  [
    'policy',
    'Chính sách bảo hành',
    text(
      'Sản phẩm được bảo hành theo thời hạn của hãng, tính từ ngày giao hàng ghi trên hóa đơn. Khách không cần giữ phiếu giấy: tra bằng số điện thoại mua hàng hoặc số máy (sê-ri).',
      'Trong 30 ngày đầu, lỗi phần cứng do nhà sản xuất được đổi máy mới cùng mẫu. Sau 30 ngày, máy được sửa tại hãng, thường mất 7–10 ngày. Nếu quá 15 ngày chưa xong, báo trưởng nhóm để cho khách mượn máy thay thế.',
      'Không bảo hành khi: hết hạn, rơi vỡ, vào nước, cháy nổ do điện áp, côn trùng, hoặc tem hãng bị rách. Các trường hợp này vẫn nhận sửa có phí, báo giá trước khi làm.',
      'Khách từ hạng Vàng được kỹ thuật đến nhà miễn phí trong nội thành, kể cả khi lỗi không thuộc diện bảo hành.',
    ),
  ],
  [
    'policy',
    'Chính sách đổi trả trong 30 ngày',
    text(
      'Mỗi đơn được đổi một lần trong 30 ngày kể từ ngày nhận. Máy phải còn đủ hộp, phụ kiện, quà tặng và không trầy xước.',
      'Máy có lỗi phần cứng: đổi mới miễn phí, Sao Mai chịu phí vận chuyển hai chiều. Máy không lỗi, khách đổi ý: phí 10% giá trị đơn; khách từ hạng Vàng được miễn phí này.',
      'Không đổi trả: tai nghe và máy hút bụi đã mở niêm phong vì lý do vệ sinh, hàng thanh lý, lõi lọc nước đã lắp.',
      'Tiền hoàn về đúng phương thức đã thanh toán: chuyển khoản 1–3 ngày làm việc, thẻ tín dụng 5–7 ngày, ví điện tử trong ngày. Không hẹn khách ngày sớm hơn.',
    ),
  ],
  [
    'policy',
    'Giao hàng và lắp đặt',
    text(
      'Nội thành giao trong 24 giờ với hàng có sẵn tại chi nhánh; ngoại thành và tỉnh 1–3 ngày. Miễn phí trong bán kính 20 km quanh chi nhánh, xa hơn tính 5.000 đồng mỗi km.',
      'Lắp đặt cơ bản miễn phí: treo tivi (tặng giá treo), máy lạnh đến 3 m ống đồng, máy giặt, máy lọc nước. Phần phát sinh (ống đồng thêm, giá đỡ cục nóng, khoan bê tông) báo giá trước, khách đồng ý mới làm.',
      'Thợ không được tự ý thu tiền ngoài phiếu. Khách phản ánh bị thu thêm: xin ảnh phiếu, hoàn lại ngay phần không có trong bảng giá, rồi báo trưởng nhóm kỹ thuật.',
      'Giao trễ hơn hẹn 2 giờ: gọi xin lỗi trước khi khách gọi. Trễ hơn 24 giờ: tặng phiếu mua hàng 200.000 đồng, không cần duyệt.',
    ),
  ],
  [
    'policy',
    'Bù giá trong 7 ngày',
    text(
      'Trong 7 ngày từ ngày mua, nếu Sao Mai giảm giá đúng mẫu đó, khách được bù phần chênh lệch bằng phiếu mua hàng.',
      'Không áp dụng cho giá giờ vàng, hàng trưng bày, mã giảm giá riêng của từng khách, và giá của nơi bán khác.',
      'Cách làm: kiểm tra mã đơn và ngày mua, chụp trang giá hiện tại, gắn nhãn "bù giá", phiếu được gửi qua tin nhắn trong ngày.',
    ),
  ],
  [
    'policy',
    'Hóa đơn điện tử và thông tin công ty',
    text(
      'Hóa đơn điện tử tự gửi qua email trong 24 giờ sau khi giao hàng. Khách không thấy: nhờ xem mục thư rác, rồi gửi lại từ trang đơn hàng.',
      'Đổi thông tin người mua sang công ty: được trong tháng phát hành, cần tên công ty, mã số thuế, địa chỉ và email nhận. Kế toán lập hóa đơn điều chỉnh trong 2 ngày làm việc.',
      'Sang tháng sau chỉ điều chỉnh được sai sót, không đổi người mua. Giải thích đây là quy định về thuế, không phải quy định của cửa hàng.',
    ),
  ],
  [
    'policy',
    'Trả góp 0%: điều kiện và hồ sơ',
    text(
      'Khách từ 20 đến 60 tuổi, có căn cước công dân còn hạn và số điện thoại chính chủ. Trả trước từ 20%, kỳ hạn 6, 9 hoặc 12 tháng, áp dụng đơn từ 3 triệu đồng.',
      'Duyệt hồ sơ 15–30 phút, từ 8:00 đến 21:00. Trả góp qua thẻ tín dụng không cần duyệt, chỉ cần hạn mức còn đủ.',
      'Hồ sơ bị từ chối: công ty tài chính không cho biết lý do, và mình cũng không suy đoán. Mời khách thử công ty thứ hai, hoặc trả góp qua thẻ. Hồ sơ nộp lại sau 30 ngày.',
      'Không hứa "chắc chắn duyệt". Không nhận thay khách căn cước qua Zalo cá nhân.',
    ),
  ],
  [
    'article',
    'Máy lạnh chảy nước, kém mát: hỏi gì trước khi hẹn thợ',
    text(
      '1. Máy đang để bao nhiêu độ, chế độ nào? Dưới 20 độ hoặc chế độ Dry rất hay chảy nước khi trời nồm.',
      '2. Lưới lọc vệ sinh lần cuối khi nào? Quá 3 tháng: hướng dẫn tháo lưới, rửa nước, để khô, lắp lại, chạy thử 30 phút.',
      '3. Cục nóng có bị che, có nghe tiếng quạt không? Không quay: ngắt aptomat, hẹn kỹ thuật trong ngày.',
      '4. Đèn có nháy không, mã gì? H11: lỗi truyền tín hiệu giữa hai dàn, cần kỹ thuật. F95, H16: nghi thiếu gas, hẹn có mang gas.',
      'Đã làm bước 1 và 2 mà vẫn chảy: hẹn vệ sinh, còn bảo hành thì miễn phí công.',
    ),
  ],
  [
    'article',
    'Mã lỗi máy giặt thường gặp',
    text(
      'UE (mất cân bằng): dàn lại đồ, bớt chăn dày, kiểm tra bốn chân máy. Còn báo sau hai lần thử mới hẹn kỹ thuật.',
      'IE (không vào nước): mở hết van, gỡ lưới lọc đầu ống nước, rửa cặn. Nước yếu dưới 0,3 bar là do nguồn nước của nhà.',
      'OE (không xả nước): vệ sinh bẫy cặn ở góc phải phía dưới, đặt khay hứng nước trước khi mở.',
      'DE (cửa chưa đóng): kiểm tra đồ kẹt ở gioăng. Cửa không mở được sau khi giặt: chờ 3 phút, rút điện 10 phút, tuyệt đối không cạy.',
      'Mùi khét hoặc có khói: bảo khách ngắt điện ngay, không dùng tiếp, chuyển ưu tiên "khẩn".',
    ),
  ],
  [
    'article',
    'Thay lõi lọc nước và thử nước miễn phí',
    text(
      'Lõi 1, 2, 3 (lõi thô): 6 tháng. Màng RO: 24–36 tháng. Lõi chức năng: 12 tháng. Nước giếng khoan thay sớm hơn một nửa.',
      'Đèn đỏ báo thay lõi sáng theo thời gian, không theo chất lượng nước. Thay xong giữ nút Reset 5 giây.',
      'Thử nước: khách mang 500 ml nước đầu nguồn tới chi nhánh, có kết quả sau một ngày, không mất phí. Không kết luận nước "an toàn" qua điện thoại.',
      'Máy còn bảo hành: công thay miễn phí, khách trả tiền lõi.',
    ),
  ],
  [
    'script',
    'Gọi xin lỗi khi giao hàng trễ',
    text(
      'Mở đầu: "Em chào anh/chị …, em là … ở Điện máy Sao Mai. Em gọi để xin lỗi anh/chị vì đơn … đã trễ hẹn."',
      'Nói rõ, không đổ lỗi: "Xe giao hôm nay bị quá tải và bên em đã không báo trước cho anh/chị. Đó là lỗi của bên em."',
      'Đưa hai lựa chọn có giờ cụ thể: "Bên em có thể giao lại lúc … hoặc …, giờ nào tiện cho nhà mình ạ?" Chỉ hứa giờ mà kho đã xác nhận.',
      'Bù đắp theo chính sách giao hàng: trễ hơn 24 giờ tặng phiếu 200.000 đồng. Nói số tiền sau khi đã hẹn được giờ, đừng nói trước.',
      'Khách còn giận: để khách nói hết, nhắc lại ý chính, không ngắt lời, không nói "anh/chị thông cảm" quá một lần.',
      'Kết thúc: nhắc lại giờ hẹn và số của mình, ghi chú vào phiếu, đặt nhắc trước giờ hẹn 30 phút.',
    ),
  ],
  [
    'script',
    'Tiếp nhận khiếu nại về thái độ nhân viên',
    text(
      '"Em cảm ơn anh/chị đã cho bên em biết. Em xin phép hỏi vài điều để báo đúng người chịu trách nhiệm."',
      'Hỏi: ngày giờ, chi nhánh hoặc tên thợ, chuyện xảy ra thế nào, ai chứng kiến, anh/chị mong được giải quyết ra sao. Ghi nguyên lời khách, không diễn giải.',
      'Không bênh đồng nghiệp, cũng không kết luận thay: "Em ghi nhận, và trưởng nhóm sẽ gọi lại cho anh/chị trước … giờ hôm nay."',
      'Chuyển hàng đợi Khiếu nại, gắn nhãn "thái độ", ưu tiên cao. Trưởng nhóm gọi lại trong 4 giờ làm việc.',
    ),
  ],
  [
    'script',
    'Khách đòi gặp quản lý',
    text(
      '"Dạ em hiểu anh/chị muốn làm việc với người có quyền quyết định. Em xin nghe để chuyển cho đúng, anh/chị khỏi phải kể lại từ đầu."',
      'Tóm tắt trong hai câu và đọc lại cho khách nghe. Nếu mình tự giải quyết được trong quyền hạn: đề nghị ngay, nói rõ làm gì và khi nào xong.',
      'Khách vẫn muốn gặp: gọi trưởng nhóm trên kênh nội bộ, chờ tối đa 2 phút. Không nối được thì hẹn giờ gọi lại cụ thể, trong ngày.',
      'Không bao giờ nói "quản lý đi vắng" khi chưa hỏi. Ghi chú lại yêu cầu và giờ đã hẹn.',
    ),
  ],
  [
    'script',
    'Tư vấn chọn máy lạnh theo phòng',
    text(
      'Hỏi diện tích, phòng có nắng chiều không, mấy người, dùng ban ngày hay ban đêm.',
      'Gợi ý: đến 15 m² chọn 1 HP; 15–20 m² chọn 1,5 HP; 20–30 m² chọn 2 HP. Phòng nắng chiều, trần cao hoặc nối bếp thì tăng một mức.',
      'Dùng trên 6 giờ mỗi ngày nên chọn Inverter; ngủ trưa vài tiếng thì máy thường cũng đủ.',
      'Báo giá đã gồm VAT và công lắp cơ bản, báo trước phần có thể phát sinh. Kết thúc bằng một đề nghị cụ thể: "Em giữ máy và hẹn thợ chiều mai cho mình nhé?"',
    ),
  ],
];

/** The articles as rows; `now` in ms. */
export function articles(now: number): Rows['article'][] {
  const day = 86_400_000;
  return written.map(([kind, title, body], index) => ({ id: uuid(), kind, title, body, updatedAt: now - (7 + 5 * index) * day }));
}
